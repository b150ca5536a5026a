"""Gaps between surfaces: meshes, given labels, and pictures that no fit describes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.anatomy import Structure
from nvc.model.grid import Volume
from tests.nvc.measurement.studies import measured, segmentation
from tests.nvc.measurement.tubes import TrueTube, draw, random_pair


def labelled(volume: Volume, nerve: TrueTube, vessel: TrueTube) -> Volume:
    index = np.stack(np.indices(volume.grid.shape), axis=-1).astype(float)
    points = volume.grid.to_ras_mm(index)
    voxels = np.zeros(volume.grid.shape, dtype=np.uint8)
    voxels[vessel.depth(points) < 0] = Structure.ARTERY
    voxels[nerve.depth(points) < 0] = Structure.CN7_LEFT
    return Volume(grid=volume.grid, voxels=voxels)


@pytest.mark.parametrize("gap", [0.0, 0.4, 1.0])
def test_labels_on_a_picture_that_shows_nothing_are_measured_by_their_surfaces(gap):
    rng = np.random.default_rng(31)
    nerve, vessel = random_pair(rng, gap)
    blank = draw((), rng=rng, noise=0.05, fine=1)
    found = segmentation(nerve.as_tube(), [vessel.as_tube()])
    found = replace(found, labels=labelled(blank, nerve, vessel))
    (contact,) = measured(blank, found).contacts
    assert contact.method == "surface"
    assert contact.distance_mm == pytest.approx(gap, abs=0.3)
    low, high = contact.distance_ci_mm
    assert low <= gap <= high


def test_labels_on_a_picture_that_shows_the_tubes_are_refined_by_it():
    rng = np.random.default_rng(32)
    nerve, vessel = random_pair(rng, 0.4)
    picture = draw((nerve, vessel), rng=rng, noise=0.03, fine=3)
    found = segmentation(nerve.as_tube(), [vessel.as_tube()])
    found = replace(found, labels=labelled(picture, nerve, vessel))
    (contact,) = measured(picture, found).contacts
    assert contact.method == "tube-fit"
    assert contact.distance_mm == pytest.approx(0.4, abs=0.08)
