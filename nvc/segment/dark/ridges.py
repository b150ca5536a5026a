"""Dark ridges that no known tube explains, as first guesses of courses."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cc3d
import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from nvc.segment.arteries.tof import RADIUS_PER_SCALE
from nvc.tubes.disc import blur_discs, tabulate_disc
from nvc.tubes.skeleton import find_ridge_lines, trace_tree
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.drawing import draw_tubes, locate_voxels_mm
from nvc.tubes.vesselness import TubeResponse, respond_to_tubes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.strands import DarkSettings
    from nvc.tubes.stations.values import Picture

_FEWEST_VOXELS: Count[int] = 7
"""Along each edge, for a ridge to be told."""


def find_ridges(
    picture: Picture,
    facial_mm: NDArray[np.float64],
    known: list[Course],
    contrast: float,
    settings: VesselsSettings,
) -> list[Course]:
    """Find dark ridges near a nerve that no known tube explains.

    Parameters
    ----------
    picture : Picture
        The image, brain 0 and CSF 1.
    facial_mm : ndarray, shape (N, 3)
        CN VII, mm of the working frame.
    known : list of Course
        Tubes that are taken out of the image first.
    contrast : float
        Of a flow void in CSF, below 0.
    settings : VesselsSettings
        Sizes and reach.

    Returns
    -------
    list of Course
        First guesses, not fitted.
    """
    part = _box(picture, facial_mm, settings.reach_mm)
    limits = settings.dark
    if min(s.stop - s.start for s in part) < _FEWEST_VOXELS:
        return []
    places = locate_voxels_mm(picture, part)
    voxels = picture.voxels[part]
    rest = voxels - draw_tubes(picture, places, known)
    image = np.minimum(rest, settings.fluid_max).astype(np.float32)
    edge = np.linalg.norm(picture.to_mm[:3, :3], axis=0)
    size = (float(edge[0]), float(edge[1]), float(edge[2]))
    response = respond_to_tubes(image, size, limits.scales_mm, bright=False)
    spread = float(np.sqrt(np.trace(picture.spread_mm2) / 3.0))
    thinnest = _answer(
        spread, size, settings.smallest_radius_mm, -contrast, limits.scales_mm
    )
    gap, _ = cKDTree(facial_mm).query(places, distance_upper_bound=settings.reach_mm)
    soft = (response.strength > limits.soft_share * thinnest) & np.isfinite(gap)
    soft &= _in_csf(voxels, size, limits)
    soft = find_ridge_lines(soft, response.strength)
    labels = cc3d.connected_components(soft, connectivity=26)
    strong = soft & (response.strength > limits.strong_share * thinnest)
    starts: list[Course] = []
    for label in np.unique(labels[strong]).tolist():
        starts += _starts(
            labels == label, response, (picture, part), contrast, settings
        )
    return starts


def _box(
    picture: Picture, points_mm: NDArray[np.float64], margin_mm: float
) -> tuple[slice, slice, slice]:
    """Voxels of the picture that hold the points and a margin."""
    ijk = points_mm @ picture.to_voxel[:3, :3].T + picture.to_voxel[:3, 3]
    margin = margin_mm / np.linalg.norm(picture.to_mm[:3, :3], axis=0)
    limit = np.array(picture.voxels.shape)
    low = np.clip(np.floor(ijk.min(axis=0) - margin), 0, limit).astype(int)
    high = np.clip(np.ceil(ijk.max(axis=0) + margin) + 1, low, limit).astype(int)
    a, b, c = (slice(int(m), int(n)) for m, n in zip(low, high, strict=True))
    return a, b, c


def _in_csf(
    voxels: NDArray[np.float32],
    size: tuple[float, float, float],
    settings: DarkSettings,
) -> NDArray[np.bool_]:
    """Places with a good share of CSF near by."""
    csf = (voxels > 0.5).astype(np.float32)
    share = ndimage.gaussian_filter(csf, settings.csf_near_mm / np.array(size))
    return np.asarray(share > settings.csf_near_min)


@lru_cache(maxsize=4)
def _answer(
    spread: float,
    size: tuple[float, float, float],
    radius_mm: float,
    contrast: float,
    scales_mm: tuple[float, ...],
) -> float:
    """Response of the filter to the thinnest tube that is looked for.

    The tube is drawn along each axis of the grid; the weakest answer counts.
    """
    answers = []
    for axis in range(3):
        across = [q for q in range(3) if q != axis]
        count = [int(np.ceil(4.0 / edge)) * 2 + 1 for edge in size]
        offset = [(np.arange(count[q]) - count[q] // 2) * size[q] for q in across]
        gap = np.hypot(offset[0][:, None], offset[1][None, :])
        disc = blur_discs(
            gap.ravel(), np.full(gap.size, radius_mm), spread, tabulate_disc()
        ).reshape(gap.shape)
        tube = np.repeat(np.expand_dims(disc * contrast, axis), count[axis], axis)
        found = respond_to_tubes(tube.astype(np.float32), size, scales_mm)
        centre = tuple(n // 2 for n in found.strength.shape)
        answers.append(float(found.strength[centre]))
    return min(answers)


def _starts(
    component: NDArray[np.bool_],
    response: TubeResponse,
    where: tuple[Picture, tuple[slice, slice, slice]],
    contrast: float,
    settings: VesselsSettings,
) -> list[Course]:
    """Paths through one component, as first guesses."""
    picture, part = where
    size = np.linalg.norm(picture.to_mm[:3, :3], axis=0)
    calibre = RADIUS_PER_SCALE * response.scale_mm
    branches = trace_tree(
        component,
        response.strength,
        np.minimum(calibre, np.float32(settings.dark.line_reach_mm)),
        (float(size[0]), float(size[1]), float(size[2])),
        settings.shortest_mm,
    )
    starts = []
    for branch in branches:
        ijk = branch.voxels + np.array([s.start for s in part])
        radius = calibre[tuple(branch.voxels.T)].astype(float)
        starts.append(
            Course(
                points_mm=ijk @ picture.to_mm[:3, :3].T + picture.to_mm[:3, 3],
                radius_mm=np.maximum(radius, settings.smallest_radius_mm),
                contrast=np.full(len(ijk), contrast),
            )
        )
    return starts
