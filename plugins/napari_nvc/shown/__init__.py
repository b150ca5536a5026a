"""What is under review, and what is shown of it and where; without Qt and napari.

Knows files, results of `nvc` and the data of layers: points in true RAS mm go in,
places in the viewer's axes, (S, A, R) in mm, come out. Knows no widget, and not what
may be seen when. Open `study.py` first, then `layers.py`.
"""
