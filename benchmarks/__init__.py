"""What the project claims about speed, printed against named peers."""
