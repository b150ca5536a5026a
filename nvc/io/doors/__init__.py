"""What every file passes through: checks, safe reading, whole-or-nothing writing."""
