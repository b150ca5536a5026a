"""What speaks for a nerve's centre: spots and levels, one by one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nvc.segment.image.planes import lay_planes
from nvc.segment.nerves.evidence import respond_to_spots, weigh_places
from nvc.settings import NerveSettings

SETTINGS = NerveSettings()
OFFSETS = np.arange(-15, 16) * 0.4
U, V = np.meshgrid(OFFSETS, OFFSETS, indexing="ij")
MIDDLE = (10, 15, 15)
DARK = -0.6


def spot(level, radius=0.8):
    share = np.clip(0.5 - (np.hypot(U, V) - radius) / 0.4, 0, 1)
    return np.repeat((1.0 + share * (level - 1.0))[None], 21, 0).astype(np.float32)


def weigh(n, depth=9.0, arteries=(), voxel_mm=0.5, void=DARK):
    stack = lay_planes(
        np.array([[0.0, 0, 0], [10.0, 0, 0]]),
        np.eye(3),
        step_mm=0.5,
        half_width_mm=6.0,
        spacing_mm=0.4,
    )

    class Scale:
        dark = void
        sampler = SimpleNamespace(grid=SimpleNamespace(voxel_size_mm=(voxel_mm,) * 3))

        def __call__(self, points):
            assert points.shape[:3] == n.shape
            return n

    around = SimpleNamespace(
        scale=Scale(),
        brain=lambda points: np.full(points.shape[:3], depth),
        arteries=arteries,
    )
    return weigh_places(around, stack, SETTINGS)


def test_an_edge_gives_no_response():
    n = np.ones((20, 31, 31), np.float32)
    n[:, U > 1.0] = 0.0
    response = respond_to_spots(1.0 - n, 0.4, 0.5, SETTINGS)
    assert response[:, 5:-5, 5:-5].max() < 0.02


def test_an_ideal_nerve_responds_with_about_one():
    response = respond_to_spots(1.0 - spot(0.1), 0.4, 0.5, SETTINGS)
    assert 0.75 < response[MIDDLE] < 1.15


def test_a_nerve_costs_less_than_brain_and_brain_less_than_fluid_bone_or_a_void():
    nerve = weigh(spot(0.05)).cost[MIDDLE]
    brain = weigh(np.zeros((21, 31, 31), np.float32)).cost[MIDDLE]
    fluid = weigh(np.ones((21, 31, 31), np.float32)).cost[MIDDLE]
    bone = weigh(np.full((21, 31, 31), DARK, np.float32)).cost[MIDDLE]
    void = weigh(spot(DARK)).cost[MIDDLE]
    assert nerve < 0.0 < brain < min(fluid, bone, void)


def test_inside_the_brain_nothing_is_told():
    inside = weigh(spot(0.05), depth=-2.0)
    assert inside.in_brain.all()
    assert inside.cost == pytest.approx(SETTINGS.no_spot_cost)
    assert not inside.response.any()


def test_where_there_is_no_image_no_nerve_is():
    n = spot(0.05)
    n[:, :, 10:] = np.nan
    assert weigh(n).cost[MIDDLE] == pytest.approx(SETTINGS.dark_cost)


def test_within_an_artery_of_the_angiography_no_nerve_is():
    along = np.array([[0.0, 0, 0], [10.0, 0, 0]])
    artery = SimpleNamespace(points_mm=np.linspace(*along, 100), radius_mm=np.ones(100))
    cost = weigh(spot(0.05), arteries=(artery,)).cost
    assert cost[MIDDLE] == pytest.approx(SETTINGS.dark_cost)
    beside = (10, 15, 19)
    assert cost[beside] == weigh(spot(0.05)).cost[beside]


def test_coarse_voxels_make_a_nerve_brighter_and_that_is_no_fluid():
    faint = spot(0.75)
    assert weigh(faint, voxel_mm=1.0).cost[MIDDLE] < weigh(faint).cost[MIDDLE]


def test_a_nerve_that_ringing_makes_darker_than_brain_is_no_void():
    """Where brain is nearly as dark as bone, bone tells nothing of a nerve's level."""
    ringing = spot(-0.17)
    assert weigh(ringing, void=-0.2).cost[MIDDLE] < 0.0
    assert weigh(spot(-0.4), void=-0.2).cost[MIDDLE] > 0.0


def beside(level, gap_mm, kind):
    """Return a nerve at the middle, and a void or bone that begins beside it."""
    n = spot(0.05)
    if kind == "void":
        share = np.clip(0.5 - (np.hypot(U - gap_mm - 0.8, V) - 0.8) / 0.4, 0, 1)
    else:
        share = np.clip(0.5 + (U - gap_mm) / 0.4, 0, 1)
    return np.minimum(n, (1.0 + share * (level - 1.0))[None].astype(np.float32))


def test_the_rim_of_a_void_has_a_nerves_level_and_is_none():
    void = spot(DARK)
    # Blur makes the wall of a void as bright as a nerve.
    rim = (10, 15 + 2, 15)
    void[:, 17] = np.where(np.abs(void[:, 17]) < 0.9, 0.05, void[:, 17])
    assert weigh(void).cost[rim] > weigh(spot(0.05)).cost[MIDDLE] + 0.3


def test_a_nerve_that_a_void_touches_or_that_lies_on_bone_stays_a_nerve():
    alone = weigh(spot(0.05)).cost[MIDDLE]
    for kind in ("void", "bone"):
        cost = weigh(beside(DARK, 0.9, kind)).cost[MIDDLE]
        assert cost < 0.2 * alone, kind
