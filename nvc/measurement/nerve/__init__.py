"""CN VII's own sections, fitted along it, and its course laid through them."""
