"""The linked views about one point: planes, cuts across the nerve, 3D.

Know layers, the mouse and the crosshair, in the viewer's axes, (S, A, R) in mm; what
they are asked for and what they tell is in true RAS mm. Do not know the record, the
pages, or what may be seen when. Open `linked_views.py` first.
"""
