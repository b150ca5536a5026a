"""The gap between two walls, by three methods, with its interval."""
