"""Nerves and vessels in turns, each looked for with the other known."""
