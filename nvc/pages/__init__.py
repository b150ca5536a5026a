"""Pages and pictures for a human reader."""
