"""The linked views about one point."""
