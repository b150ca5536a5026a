"""Sampled heads: anatomy within its range, and gaps measured again by other means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side, VesselKind
from nvc.phantom.options import PhantomOptions
from nvc.phantom.sampled.anatomy import WholeHead, build_scene
from nvc.phantom.sampled.fossa import build_stem
from nvc.phantom.sampled.nerves import draw_measures, lay_root

pytestmark = pytest.mark.slow
ANGLES = np.linspace(0.0, 2.0 * np.pi, 90, endpoint=False)


def wall_of(tube, arc):
    """Return points on a tube's wall, written anew: nothing of the truth's code."""
    steps = np.linalg.norm(np.diff(tube.nodes, axis=0), axis=1)
    own = np.concatenate([[0.0], np.cumsum(steps)])

    def at(values):
        return np.stack([np.interp(arc, own, column) for column in values.T], axis=1)

    centre, section, first = at(tube.nodes), at(tube.sections), at(tube.across)
    along = np.gradient(centre, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    first -= (first * along).sum(axis=1, keepdims=True) * along
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(along, first)
    ring = (
        np.cos(ANGLES)[None, :, None] * (section[:, :1] * first)[:, None]
        + np.sin(ANGLES)[None, :, None] * (section[:, 1:] * second)[:, None]
    )
    return (centre[:, None] + ring).reshape(-1, 3)


@pytest.mark.parametrize("side", list(Side))
def test_gaps_equal_a_dense_computation(sampled_scene: WholeHead, side: Side) -> None:
    parts = sampled_scene.anatomy.sides[side]
    leave, _, porus = parts.places
    nerve = cKDTree(wall_of(parts.facial, np.arange(leave, porus, 0.05)))
    course = cKDTree(parts.facial.nodes)
    gaps = {}
    for vessel in sampled_scene.anatomy.vessels:
        arc = np.arange(0.0, vessel.tube.arc[-1], 0.05)
        apart = course.query(vessel.tube.nodes)[0]
        near = arc[np.interp(arc, vessel.tube.arc, apart) < 6.0]
        if len(near) > 2:
            walls = wall_of(vessel.tube, near)
            gaps[vessel.name] = float(nerve.query(walls)[0].min())
    nearest = min(gaps, key=gaps.__getitem__)
    assert nearest == parts.closest_vessel
    assert parts.closest.gap_mm == pytest.approx(gaps.pop(nearest), abs=0.06)
    assert min(gaps.values(), default=6.0) > 2.0


def test_what_is_asked_for_is_there(sampled_scene: WholeHead) -> None:
    left = sampled_scene.anatomy.sides[Side.LEFT]
    right = sampled_scene.anatomy.sides[Side.RIGHT]
    assert left.closest_vessel == "PICA_left"
    assert left.closest.gap_mm == pytest.approx(0.8, abs=0.003)
    assert right.closest_vessel == "AICA_right"
    assert right.closest.gap_mm == pytest.approx(0.0, abs=0.003)
    assert right.indentation_mm == 0.3
    assert right.deviation_mm == 0.6
    sections = right.facial.sections
    node = int(np.argmin(np.abs(right.facial.arc - right.closest.nerve_arc)))
    assert sections[node, 0] < 0.93 * right.facial.radius[node]


def test_the_nerve_lies_on_the_brainstem_until_it_lifts_off(
    sampled_scene: WholeHead,
) -> None:
    for parts in sampled_scene.anatomy.sides.values():
        leave, lift, porus = parts.places
        arc, nodes = parts.facial.arc, parts.facial.nodes
        height = sampled_scene.fossa.stem.distance(nodes)
        radius = parts.facial.radius
        on = (arc > leave + 0.3) & (arc < lift - 0.3)
        off = (arc > lift + 1.0) & (arc < porus)
        assert np.median(height[on]) < radius[0]
        assert (height[off] > radius[off] - 0.75).all()
        assert (sampled_scene.fossa.room.distance(nodes[arc < porus]) < 0.0).all()


def test_vessels_keep_out_of_brain_and_bone(sampled_scene: WholeHead) -> None:
    fossa = sampled_scene.fossa
    for vessel in sampled_scene.anatomy.vessels:
        if vessel.name.startswith(("ICA", "SIG")):
            continue
        arc = vessel.tube.arc
        inner = (arc > 3.0) & (arc < arc[-1] - 3.0)
        nodes = vessel.tube.nodes[inner]
        assert fossa.stem.distance(nodes).min() > 0.0, vessel.name
        assert fossa.room.distance(nodes).max() < 0.0, vessel.name


def test_calibres_are_those_of_anatomy(sampled_scene: WholeHead) -> None:
    vessels = {v.name: v for v in sampled_scene.anatomy.vessels}
    for name, low, high in (
        ("BA", 1.9, 4.5),
        ("VA_left", 1.2, 4.5),
        ("AICA_right", 0.5, 1.7),
        ("PICA_left", 0.8, 2.1),
    ):
        wide = 2.0 * float(np.median(vessels[name].tube.radius))
        assert low <= wide <= high, name
        assert vessels[name].kind is VesselKind.ARTERY


def test_lengths_are_those_of_anatomy() -> None:
    drawn = [draw_measures(np.random.default_rng(seed)) for seed in range(300)]
    free = [own.free_mm for own in drawn]
    assert np.mean(free) == pytest.approx(12.4, abs=0.4)
    assert np.std(free) == pytest.approx(1.9, abs=0.3)
    pons, stem = build_stem(np.random.default_rng(4))
    for number, sign in enumerate((1, -1, 1, -1)):
        laid = lay_root(np.random.default_rng(number), drawn[number], sign, pons, stem)
        leave, lift, mouth = laid.root.places
        assert 4.0 < lift - leave < 11.0
        assert 8.5 < mouth - lift < 18.0
        assert sign * laid.porus[0] > 17.0


def test_the_ears_lie_beyond_the_canals(sampled_scene: WholeHead) -> None:
    for side, parts in sampled_scene.anatomy.sides.items():
        ear = parts.ear.centre * np.array([side.sign, 1.0, 1.0])
        beyond = (ear - parts.plan.fundus) @ parts.plan.canal_axis
        assert 3.0 < beyond < 6.5
        bound = parts.ear.fluid.bounds()
        assert (bound[1] - bound[0] > 6.0).all()
        assert (bound[1] - bound[0] < 22.0).all()
        assert sampled_scene.fossa.room.distance(parts.ear.centre[None])[0] > 0.5


def test_cn_viii_runs_behind_and_below(sampled_scene: WholeHead) -> None:
    for parts in sampled_scene.anatomy.sides.values():
        _, lift, porus = parts.places
        arc = parts.facial.arc
        for at in (lift + 1.0, 0.5 * (lift + porus), porus - 1.0):
            seven = parts.facial.nodes[int(np.argmin(np.abs(arc - at)))]
            eight = parts.vestibulocochlear.nodes
            nearest = eight[int(np.argmin(np.linalg.norm(eight - seven, axis=1)))]
            assert nearest[1] < seven[1]
        apart = parts.vestibulocochlear.distance(parts.facial.nodes)
        assert (apart[(arc > lift) & (arc < porus)] > 0.0).all()


def test_both_sides_differ(sampled_scene: WholeHead) -> None:
    left, right = (sampled_scene.anatomy.sides[side].plan for side in Side)
    for name in ("exit", "detachment", "porus", "fundus"):
        assert np.linalg.norm(getattr(left, name) - getattr(right, name)) > 0.1


def test_options_of_the_scanner_leave_the_anatomy_alone(
    sampled_scene: WholeHead, small_sampled: PhantomOptions
) -> None:
    other = replace(small_sampled, noise=0.2, storage_order="PIR")
    assert build_scene(other) is sampled_scene
