"""A result to its files, all of them or none."""
