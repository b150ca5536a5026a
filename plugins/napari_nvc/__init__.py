"""The napari plugin of NVC Review."""
