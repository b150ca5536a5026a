"""Measure gaps and say where along the nerve they lie."""
