"""What a person does with pipe networks."""
