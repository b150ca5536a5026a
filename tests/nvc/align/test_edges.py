"""Edges that coincide, and edges of a mirror image, which do only nearly."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.align.edges import compare_edges
from nvc.align.mutual_information import Pair
from nvc.model.grid import Grid, Volume

SHAPE = (48, 40, 40)


def head(lump_mm: float, *, inverted: bool = False) -> Volume:
    """An ellipsoid with a lump on one side only."""
    at = np.moveaxis(np.indices(SHAPE, dtype=float), 0, -1) - np.array([23.5, 20, 20])
    inside = np.linalg.norm(at / np.array([18.0, 15.0, 16.0]), axis=-1) < 1.0
    lump = np.linalg.norm(at - np.array([14.0, 0, 0]), axis=-1) < lump_mm
    voxels = np.where(inside | lump, 200.0, 20.0)
    voxels = voxels + np.random.default_rng(1).normal(size=SHAPE)
    if inverted:
        voxels = 300.0 - voxels
    affine = np.eye(4)
    return Volume(
        grid=Grid(shape=SHAPE, voxel_to_ras_mm=affine),
        voxels=voxels.astype(np.float32),
    )


def pair_of(lump_mm: float) -> Pair:
    return Pair.of(
        head(lump_mm), head(lump_mm, inverted=True), 1.0, [23.5, 20.0, 20.0], 10_000
    )


def shifted(mm: float) -> np.ndarray:
    motion = np.eye(4)
    motion[1, 3] = mm
    return motion


def test_edges_coincide_whatever_the_contrast():
    pair = pair_of(8.0)
    exact, off = compare_edges((pair, pair), (np.eye(4), shifted(3.0)))
    assert exact > 0.9
    assert off < exact - 0.05


@pytest.mark.parametrize("lump_mm", [8.0, 10.0])
def test_a_nearly_symmetric_head_is_told_from_its_mirror_image(lump_mm):
    pair = pair_of(lump_mm)
    as_is, exchanged = compare_edges((pair, pair.mirrored()), (np.eye(4), np.eye(4)))
    assert as_is > exchanged + 0.01


def test_companions_are_compared_where_both_have_voxels():
    pair = pair_of(8.0)
    aside = shifted(0.0)
    aside[0, 3] = 60.0
    assert compare_edges((pair, pair), (np.eye(4), aside)) == [0.0, 0.0]
