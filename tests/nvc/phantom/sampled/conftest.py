"""One small sampled head, made once."""

from __future__ import annotations

import pytest

from nvc.phantom.options import Conflict, PhantomOptions
from nvc.phantom.sampled import make_sampled
from nvc.phantom.sampled.anatomy import WholeHead, build_scene
from nvc.phantom.study import Phantom

SMALL = PhantomOptions(
    seed=2,
    right=Conflict(
        vessel="aica", segment="transition", indentation_mm=0.3, deviation_mm=0.6
    ),
    left=Conflict(vessel="pica", segment="attached", gap_mm=0.8),
    noise=0.01,
    bias=0.1,
    csf_flow=0.0,
    t2_extent_mm=(84.0, 40.0, 26.0),
    t2_voxel_mm=(0.6, 0.6, 0.7),
    tof_extent_mm=(84.0, 40.0, 26.0),
    tof_voxel_mm=(0.6, 0.6, 0.7),
)


@pytest.fixture(scope="session")
def small_sampled() -> PhantomOptions:
    """What is asked for: a pressed nerve on the right, a near vessel on the left."""
    return SMALL


@pytest.fixture(scope="session")
def sampled_scene(small_sampled: PhantomOptions) -> WholeHead:
    """Its anatomy."""
    return build_scene(small_sampled)


@pytest.fixture(scope="session")
def sampled_head(small_sampled: PhantomOptions) -> Phantom:
    """Its pictures and truth."""
    return make_sampled(small_sampled)
