"""What is shown and where, without Qt."""
