"""Find the head pose, the canals and where to look."""
