"""The panel's pages: widgets with a value and signals."""
