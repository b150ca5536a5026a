"""The crosshair: its lines, and the gap in their middle."""

from __future__ import annotations

import numpy as np
from napari_nvc.shown.crosshair import make_crosshair_vectors

from nvc.model.grid import Grid


def test_the_crosshair_leaves_its_point_free_and_stays_inside():
    grid = Grid(shape=(50, 60, 70), voxel_to_ras_mm=np.diag([1.0, 1.0, 1.0, 1.0]))
    lines = make_crosshair_vectors((10.0, 20.0, 69.0), grid)
    starts, ends = lines[:, 0], lines[:, 0] + lines[:, 1]
    point = np.array([69.0, 20.0, 10.0])
    assert np.linalg.norm(starts - point, axis=1).min() > 2.0
    drawn = np.linalg.norm(lines[:, 1], axis=1) > 0
    assert drawn.sum() == 5  # towards the top there is no room
    assert (ends[drawn] >= -1e-9).all()
    assert (ends[drawn] <= np.array([69, 59, 49]) + 1e-9).all()
