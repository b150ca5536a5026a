"""Segmentations as voxel labels: painted, read back, and redone where edited.

Tubes become labels in `paint`; a label volume made elsewhere becomes a `Segmentation`
in `read`, by the centrelines of `tubes`; where a reader painted over labels, `relabel`
redoes what was touched and nothing else. Open `paint` for what is drawn, `read` for
what is given.
"""
