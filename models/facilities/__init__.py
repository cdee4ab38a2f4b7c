"""Municipal components: their codes, their register, their networks."""
