"""Regions of a T2: inner ears, canals, petrous face, brainstem."""
