"""Follow nerves and vessels."""
