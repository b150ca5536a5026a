"""Arteries of an angiography, found again in the T2, and their names."""
