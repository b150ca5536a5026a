"""A course read beside the nerve is moved onto it, and tells how thick it is."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.recoloured.fields import Field
from nvc.phantom.recoloured.nerves import MOST_SHIFT_MM, fit_course, lay_facial
from tests.nvc.phantom.recoloured.conftest import LATTICE, STEM, sampled


@pytest.fixture(scope="module")
def tissue(facial: CurvedTube) -> Field:
    """The nerve's partial volume in voxels of 0.6 mm."""
    distance = sampled(facial).values
    return Field(lattice=LATTICE, values=np.clip(0.5 - distance / 0.6, 0.0, 1.0))


def test_a_reading_beside_the_nerve_is_moved_onto_it(tissue: Field) -> None:
    read = np.array([[11.0, 0.35, 0.2], [19.0, -0.1, 0.4], [27.0, 0.3, 0.3]])
    far = read + np.array([0.0, -6.0, 0.0])
    fit = fit_course(read, tissue, sampled(STEM), far)
    free = fit.course[(fit.course[:, 0] > 14.0) & (fit.course[:, 0] < 25.0)]
    assert np.linalg.norm(free[:, 1:], axis=1).max() < 0.15
    assert fit.radius_mm == pytest.approx(0.8, abs=0.06)
    assert fit.shift_mm <= MOST_SHIFT_MM + 1e-6
    assert fit.level == pytest.approx(1.0, abs=0.1)


def test_where_two_nerves_are_one_the_reading_stays(tissue: Field) -> None:
    read = np.array([[11.0, 0.4, 0.0], [19.0, 0.4, 0.0], [27.0, 0.4, 0.0]])
    near = read + np.array([0.0, -1.0, 0.0])
    fit = fit_course(read, tissue, sampled(STEM), near)
    assert fit.shift_mm < 0.05


def test_the_attached_part_lies_on_the_brain(tissue: Field) -> None:
    read = np.array([[11.0, 0.0, 0.0], [19.0, 0.0, 0.0], [27.0, 0.0, 0.0]])
    free = fit_course(read, tissue, sampled(STEM), read + np.array([0.0, -6.0, 0.0]))
    leave, lift = np.array([10.0, -2.0, -4.0]), np.array([10.9, 0.0, 0.0])
    tube = lay_facial(leave, lift, free, STEM)
    height = STEM.distance(tube.nodes)
    assert height[0] < -1.5
    on_brain = tube.nodes[(height > 0.2) & (tube.nodes[:, 2] < -0.5)]
    assert len(on_brain) > 4
    assert STEM.distance(on_brain).max() < 0.9 * free.radius_mm
