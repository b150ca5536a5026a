"""Vessels keep the gap that was asked for, and out of brain, bone and nerves."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.errors import GeometryError
from nvc.phantom.geometry.shapes import Solid, Union
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.recoloured.fossa import Fossa
from nvc.phantom.recoloured.paths import Room
from nvc.phantom.recoloured.vessels import (
    CLEAR_MM,
    ENTERS_MM,
    Bed,
    Wanted,
    bring_vessel,
    lay_bystander,
    lay_trunk,
    measure_surroundings,
)
from tests.nvc.phantom.recoloured.conftest import LATTICE, ball

PARENT = CurvedTube.round(np.array([[2.0, 14.0, -20.0], [2.0, 14.0, 20.0]]), 1.5)


@pytest.mark.parametrize("gap_mm", [0.0, 0.9])
def test_a_vessel_comes_as_near_as_it_was_asked_to(
    bed: Bed, outside_brain_and_bone: tuple[Solid, Solid], gap_mm: float
) -> None:
    wanted = Wanted(at_mm=7.0, gap_mm=gap_mm, radius_mm=0.5, parent=PARENT)
    around = measure_surroundings(bed)
    tube, closest = bring_vessel(np.random.default_rng(3), bed, around, wanted)
    # Independent of the code's own measure: centre line and radius against the nerve.
    between = bed.facial.distance(tube.nodes) - tube.radius
    inner = (tube.nodes[:, 0] > 11.0) & (tube.nodes[:, 0] < 26.0)
    assert between[inner].min() == pytest.approx(gap_mm, abs=0.02)
    assert closest.nerve_arc - bed.places[1] == pytest.approx(7.0, abs=1.3)
    own = PARENT.distance(tube.nodes) > tube.radius
    stem, bone = outside_brain_and_bone
    assert (stem.distance(tube.nodes[own]) - 0.5).min() > -ENTERS_MM - 0.03
    canal = Union((bone,)).distance(tube.nodes[own])
    in_canal = bed.canal.distance(tube.nodes[own]) < 0.6
    assert (canal[~in_canal] - 0.5).min() > -ENTERS_MM - 0.03
    assert (bed.eighth.distance(tube.nodes) - 0.5).min() > -ENTERS_MM - 0.01


def test_a_bystander_stays_clear(bed: Bed) -> None:
    around = measure_surroundings(bed)
    tube = lay_bystander(np.random.default_rng(4), bed, around, PARENT, 0.5)
    assert tube is not None
    assert (bed.facial.distance(tube.nodes) - 0.5).min() > 0.8 * CLEAR_MM


def test_where_there_is_no_room_there_is_no_vessel(bed: Bed) -> None:
    wanted = Wanted(at_mm=7.0, gap_mm=0.5, radius_mm=9.0, parent=PARENT)
    around = measure_surroundings(bed)
    with pytest.raises(GeometryError, match="no way"):
        bring_vessel(np.random.default_rng(5), bed, around, wanted)


def test_a_trunk_that_was_read_in_the_brain_is_laid_beside_it(bed: Bed) -> None:
    fossa: Fossa = bed.fossa
    read = np.array([[0.0, 14.0, -15.0], [0.0, 9.5, 0.0], [0.0, 14.0, 15.0]])
    tube = lay_trunk(read, 1.5, fossa)
    assert (fossa.brain.distance(tube.nodes) - tube.radius).min() > -0.12


def test_a_way_leads_around_what_is_barred() -> None:
    points = LATTICE.points().reshape(-1, 3)
    clearance = ball(8.0, (0.0, 0.0, 0.0)).distance(points)
    room = Room(
        lattice=LATTICE,
        clearance=clearance.reshape(LATTICE.shape).astype(np.float32),
    )
    search = room.search(np.array([-15.0, 0.0, 0.0]))
    way = search.way_to(np.array([15.0, 0.0, 0.0]))
    assert way[0] == pytest.approx([-15.0, 0.0, 0.0], abs=0.7)
    assert way[-1] == pytest.approx([15.0, 0.0, 0.0], abs=0.7)
    assert np.linalg.norm(way, axis=1).min() > 7.0
    assert search.reaches(np.array([0.0, 0.0, 20.0]))
