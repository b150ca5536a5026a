"""The head at hand: its mirror plane, directions, tissue levels and template."""
