"""Bring TOF and T1 to the reference."""
