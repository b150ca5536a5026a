"""Tubes fitted station by station to an image, and drawn as it would show them."""
