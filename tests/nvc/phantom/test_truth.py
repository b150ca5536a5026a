"""The truth agrees with the geometry, measured again by other means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.phantom.anatomy import Anatomy, build_anatomy
from nvc.phantom.conflict import segment_at
from nvc.phantom.geometry.tube import CurvedTube, interpolate
from nvc.phantom.head import mirror_points
from nvc.phantom.options import NAMED, Conflict, PhantomOptions, options_for

pytestmark = pytest.mark.slow

OPTIONS = PhantomOptions(
    seed=21,
    right=Conflict(
        vessel="aica", segment="root_detachment", indentation_mm=0.3, deviation_mm=0.9
    ),
    left=Conflict(vessel="vein", segment="cisternal", gap_mm=0.7),
)
ANGLES = np.linspace(0.0, 2.0 * np.pi, 120, endpoint=False)


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return build_anatomy(OPTIONS)


@pytest.fixture(scope="module")
def clear() -> Anatomy:
    return build_anatomy(PhantomOptions(seed=22))


def walls_apart(
    nerve: CurvedTube, span: tuple[float, float], vessel: CurvedTube
) -> float:
    """Least distance of two clouds of wall points, some 0.05 mm apart."""
    along = np.arange(span[0], span[1], 0.05)
    on_nerve = nerve.wall(along, ANGLES).reshape(-1, 3)
    near = np.arange(0.0, vessel.arc[-1], 0.05)
    on_vessel = vessel.wall(near, ANGLES).reshape(-1, 3)
    return float(cKDTree(on_vessel).query(on_nerve)[0].min())


@pytest.mark.parametrize("side", list(Side))
def test_gap_is_as_asked_on_densely_sampled_walls(anatomy: Anatomy, side: Side) -> None:
    parts = anatomy.sides[side]
    vessel = next(v for v in anatomy.vessels if v.name == parts.closest_vessel)
    span = (parts.places[0], parts.places[2])
    asked = OPTIONS.conflict(side).gap_mm
    assert parts.closest.gap_mm == pytest.approx(asked, abs=0.005)
    measured = walls_apart(parts.facial, span, vessel.tube)
    assert measured == pytest.approx(asked, abs=0.05)


@pytest.mark.parametrize("side", list(Side))
def test_conflict_lies_in_the_asked_segment(anatomy: Anatomy, side: Side) -> None:
    parts = anatomy.sides[side]
    found = segment_at(parts.closest.nerve_arc, parts.places)
    assert found.value == OPTIONS.conflict(side).segment


def test_nobody_else_comes_near(anatomy: Anatomy, clear: Anatomy) -> None:
    for head in (anatomy, clear):
        for side, parts in head.sides.items():
            spared = parts.closest_vessel if head is anatomy else ""
            nerve = parts.facial.from_arc(parts.places[0])
            for vessel in head.vessels:
                if vessel.name != spared:
                    gap = nerve.distance(vessel.tube.nodes) - vessel.tube.radius
                    assert gap.min() > 2.5, (side, vessel.name)


def test_landmarks_follow_their_definitions(anatomy: Anatomy) -> None:
    for side, parts in anatomy.sides.items():
        leave, detachment, porus = parts.places
        course = parts.facial
        at_exit = interpolate(course.arc, course.nodes, np.array([leave]))
        assert anatomy.head.brain.distance(at_exit)[0] == pytest.approx(0.0, abs=0.03)
        wall = course.wall(np.array([detachment]), ANGLES)[0]
        assert anatomy.head.brain.distance(wall).min() == pytest.approx(0.3, abs=0.05)
        beyond = course.wall(np.arange(detachment + 0.2, porus, 0.1), ANGLES)
        assert anatomy.head.brain.distance(beyond.reshape(-1, 3)).min() > 0.3
        through = interpolate(course.arc, course.nodes, np.array([porus]))[0]
        normal = mirror_points(parts.plan.petrous_normal, side.sign)
        off = (through - mirror_points(parts.plan.porus, side.sign)) @ normal
        assert off == pytest.approx(0.0, abs=0.02)


def test_sizes_are_those_of_the_literature(clear: Anatomy) -> None:
    ears = []
    for parts in clear.sides.values():
        leave, detachment, porus = parts.places
        assert 6.0 < detachment - leave < 12.0
        assert 7.5 < porus - detachment < 18.0
        assert 1.3 < 2.0 * parts.facial.radius.mean() < 2.1
        canal = np.linalg.norm(parts.plan.fundus - parts.plan.porus)
        assert 7.9 < canal < 11.6
        ears.append(parts.ear.centre)
    assert 70.0 < np.linalg.norm(ears[0] - ears[1]) < 92.0


def test_deformation_is_as_asked(anatomy: Anatomy) -> None:
    parts = anatomy.sides[Side.RIGHT]
    plain = build_anatomy(replace(OPTIONS, right=Conflict())).sides[Side.RIGHT].facial
    thinnest = parts.facial.sections[:, 0].min()
    assert plain.radius.mean() - thinnest == pytest.approx(0.15, abs=0.01)
    pushed = cKDTree(plain.nodes).query(parts.facial.nodes)[0].max()
    assert pushed == pytest.approx(0.9, abs=0.05)
    assert parts.deviation_mm == 0.9


def test_facial_nerve_lies_before_and_above_the_eighth_in_the_canal(
    clear: Anatomy,
) -> None:
    for parts in clear.sides.values():
        seven = parts.facial.nodes[-20]
        eight = parts.vestibulocochlear.nodes
        nearest = eight[np.argmin(np.linalg.norm(eight - seven, axis=1))]
        assert seven[1] > nearest[1]
        assert seven[2] > nearest[2]


def test_seeds_give_different_heads(anatomy: Anatomy, clear: Anatomy) -> None:
    one, other = (head.sides[Side.LEFT].plan for head in (anatomy, clear))
    assert np.linalg.norm(one.porus - other.porus) > 0.1
    assert np.linalg.norm(one.exit - other.exit) > 0.05


def test_names_carry_a_seed() -> None:
    assert options_for("near-42") == replace(NAMED["near"], seed=42)
    assert options_for("demo") is NAMED["demo"]


@pytest.mark.parametrize("name", ["", "nearby", "near-", "near-x", "../near"])
def test_unknown_names_are_refused_in_one_line(name: str) -> None:
    with pytest.raises(InputError, match="not a sample") as caught:
        options_for(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"storage_order": "RAA"},
        {"seed": -1},
        {"noise": 2.0},
        {"t2_voxel_mm": (0.5, 0.5, 9.0)},
    ],
)
def test_impossible_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        PhantomOptions(**wrong)
    with pytest.raises(InputError, match="vessel"):
        Conflict(vessel="basilar")
