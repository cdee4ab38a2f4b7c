"""What a person does with scene presets."""
