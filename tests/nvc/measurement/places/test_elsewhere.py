"""What a fit of an attached nerve cannot tell: that it found something else."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.places.elsewhere import measure_elsewhere_sd_mm
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Tube
from tests.nvc.measurement.studies import side_context

RADIUS_MM = 0.8


def left_mm(spread_mm: float, along_mm: float = 0.6) -> float:
    """Doubt that is left on a nerve of 10 mm that is attached over 1 mm."""
    points = np.linspace([0.0, 0.0, 0.0], [10.0, 0.0, 0.0], 41)
    tube = Tube(
        points_mm=points,
        radius_mm=np.full(41, RADIUS_MM),
        position_sd_mm=np.full(41, spread_mm),
    )
    grid = Grid(shape=(2, 2, 2), voxel_to_ras_mm=np.eye(4))
    nothing = Volume(grid=grid, voxels=np.zeros(grid.shape, np.float32))
    context = side_context(nothing, tube)
    return float(measure_elsewhere_sd_mm(context, np.array([[along_mm, 0.3, 0.0]]))[0])


@pytest.mark.parametrize("spread_mm", [0.6, 1.0, 2.5])
def test_what_is_left_is_the_spread_beyond_a_nerves_thickness(spread_mm):
    off = np.random.default_rng(1).normal(0.0, spread_mm, 400_000)
    beyond = np.where(np.abs(off) > 2.0 * RADIUS_MM, off, 0.0)
    assert left_mm(spread_mm) == pytest.approx(beyond.std(), rel=0.03)


def test_a_nerve_that_stands_out_is_as_sure_as_its_fit():
    assert left_mm(0.3) < 0.01
    assert left_mm(0.0) == 0.0


def test_a_way_that_is_open_stays_open():
    assert left_mm(4.0) > 0.95 * 4.0


def test_a_free_nerve_is_led_by_what_is_seen_of_it():
    assert left_mm(1.2, along_mm=1.4) == 0.0
    assert left_mm(1.2, along_mm=0.9) > 0.5
