"""Generated heads with one thing that a reader must not miss."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from unittest.mock import patch

import numpy as np

from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.model.study import SequenceRole, Series, Study
from nvc.phantom import anatomy as drawn_anatomy
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.painted import anatomy as painted_anatomy
from nvc.phantom.study import Phantom

Change = Callable[[CurvedTube], CurvedTube]
GREY = {SequenceRole.T2: 420.0, SequenceRole.TOF: 360.0}
"""Tissue as bright as brain; CSF in T2 and arteries in TOF are 900 to 1000."""


def study_of(phantom: Phantom) -> Study:
    """The volumes of a phantom as a study."""
    return Study(
        series={
            role: Series(
                role=role,
                volume=volume,
                sha256="0" * 64,
                orientation_source="sform",
                name=str(role),
            )
            for role, volume in phantom.volumes.items()
        }
    )


@contextlib.contextmanager
def basilar(change: Change) -> Iterator[None]:
    """Give heads that are made meanwhile another basilar artery."""

    def changed(lay):
        def laid(*parts):
            trunks = lay(*parts)
            return {**trunks, "BA": change(trunks["BA"])}

        return laid

    drawn_anatomy._built.cache_clear()
    try:
        with (
            patch.object(
                drawn_anatomy,
                "lay_trunk_arteries",
                changed(drawn_anatomy.lay_trunk_arteries),
            ),
            patch.object(
                painted_anatomy,
                "lay_trunk_arteries",
                changed(painted_anatomy.lay_trunk_arteries),
            ),
        ):
            yield
    finally:
        drawn_anatomy._built.cache_clear()


def of_calibre(diameter_mm: float) -> Change:
    """An even calibre."""
    return lambda tube: CurvedTube.round(tube.nodes, 0.5 * diameter_mm)


def with_bulge(diameter_mm: float, length_mm: float) -> Change:
    """One spindle 10 mm above the lower end of an artery 3.2 mm wide."""

    def change(tube: CurvedTube) -> CurvedTube:
        beside = (tube.arc - 10.0) / (0.35 * length_mm)
        radius = 1.6 + (0.5 * diameter_mm - 1.6) * np.exp(-0.5 * beside**2)
        return CurvedTube.round(tube.nodes, radius)

    return change


def aside_by(shift_mm: float) -> Change:
    """Its middle pushed to one side; the ends stay."""

    def change(tube: CurvedTube) -> CurvedTube:
        part = tube.arc / tube.arc[-1]
        nodes = tube.nodes + np.outer(np.sin(np.pi * part), [shift_mm, 0.0, 0.0])
        return CurvedTube.round(nodes, tube.radius)

    return change


def with_body(phantom: Phantom, tube: CurvedTube) -> dict[SequenceRole, Volume]:
    """Paint a solid of tissue, head coordinates, into every volume."""
    volumes = {}
    for role, volume in phantom.volumes.items():
        pose = phantom.head_to_ras
        if role is SequenceRole.TOF:
            pose = np.array(phantom.truth["t2_to_tof_mm"]) @ pose
        grid = volume.grid
        points = grid.to_ras_mm(np.stack(np.indices(grid.shape), axis=-1).astype(float))
        to_head = np.linalg.inv(pose)
        points = points.reshape(-1, 3) @ to_head[:3, :3].T + to_head[:3, 3]
        near = np.linalg.norm(points - tube.nodes.mean(axis=0), axis=1) < 30.0
        depth = np.full(len(points), 9.0)
        depth[near] = tube.distance(points[near])
        share = np.clip(0.5 - depth / min(grid.voxel_size_mm), 0.0, 1.0)
        noise = np.random.default_rng(5).normal(0.0, 20.0, len(points))
        share, noise = share.reshape(grid.shape), noise.reshape(grid.shape)
        image = volume.voxels + share * (GREY[role] + noise - volume.voxels)
        volumes[role] = Volume(grid=grid, voxels=image.astype(np.float32))
    return volumes


def ball_beside_porus(phantom: Phantom, side: Side, diameter_mm: float) -> CurvedTube:
    """A ball in the cistern, its middle 7 mm medial of the porus."""
    plan = phantom.anatomy.sides[side].plan
    flip = np.array([side.sign, 1.0, 1.0])
    centre = plan.porus + np.array([-7.0, -1.0, 0.0])
    nodes = np.stack([centre - 0.05, centre + 0.05]) * flip
    return CurvedTube.round(nodes, 0.5 * diameter_mm)


def rod_in_canal(phantom: Phantom, side: Side, width_mm: float) -> CurvedTube:
    """A rod from the porus almost to the fundus."""
    plan = phantom.anatomy.sides[side].plan
    part = np.linspace(0.1, 0.85, 8)[:, None]
    nodes = plan.porus + part * (plan.fundus - plan.porus)
    return CurvedTube.round(nodes * np.array([side.sign, 1.0, 1.0]), 0.5 * width_mm)
