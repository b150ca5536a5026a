"""Where the bundle of CN VII and VIII reaches the brainstem, roughly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.regions.head.levels import Contrast
    from nvc.regions.t2.brainstem import Brainstem
    from nvc.sampling import Sampler
    from nvc.settings.regions import RegionsSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RootSeed:
    """Where the nerves' bundle should meet the brainstem.

    Parameters
    ----------
    point_mm : ndarray, shape (3,)
        mm of the working frame.
    contrast : float
        How much darker the straight way from the porus is than the fluid around
        it, in parts of bone to CSF; 0 where anatomy alone placed the seed.
    on_surface : bool
        Whether it lies on a surface of the brainstem.
    """

    point_mm: NDArray[np.float64]
    contrast: float
    on_surface: bool


def find_root(
    sampler: Sampler,
    contrast: Contrast,
    brainstem: Brainstem | None,
    porus_mm: NDArray[np.float64],
    expected_mm: NDArray[np.float64],
    settings: RegionsSettings,
) -> RootSeed:
    """Choose the place of the brainstem's surface to which the bundle leads.

    The bundle runs nearly straight through the cistern. Every place of the surface
    near the expected one is judged by how well the straight way to it stands out as
    a grey cord in bright fluid, and by how far it lies from the expected one.

    Parameters
    ----------
    sampler : Sampler
        The reference around porus and root.
    contrast : Contrast
        Levels on this side.
    brainstem : Brainstem or None
        Its surface; None leaves the expected place.
    porus_mm, expected_mm : ndarray, shape (3,)
        mm of the working frame.
    settings : RegionsSettings
        Spread of roots about the expected place.
    """
    fallback = RootSeed(point_mm=expected_mm, contrast=0.0, on_surface=False)
    if brainstem is None or len(brainstem.surface_head_mm) == 0:
        return fallback
    head = brainstem.head
    off = (brainstem.surface_head_mm - head.to_head(expected_mm)) / np.array(
        settings.root_spread_mm
    )
    unlikely = np.linalg.norm(off, axis=1)
    near = unlikely < settings.root_farthest_sds
    if not near.any():
        return fallback
    places = head.to_ras_mm(brainstem.surface_head_mm[near])
    stands_out = measure_cord_contrast(sampler, contrast, porus_mm, places)
    cost = 0.5 * unlikely[near] ** 2 - stands_out / settings.root_contrast_unit
    best = int(np.argmin(cost))
    return RootSeed(
        point_mm=places[best], contrast=float(stands_out[best]), on_surface=True
    )


def measure_cord_contrast(
    sampler: Sampler,
    contrast: Contrast,
    start_mm: NDArray[np.float64],
    ends_mm: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Tell how much straight ways stand out as grey cords in bright fluid.

    Parameters
    ----------
    sampler : Sampler
        The reference.
    contrast : Contrast
        Levels.
    start_mm : ndarray, shape (3,)
        Common start, mm of the working frame.
    ends_mm : ndarray, shape (N, 3)
        Ends, mm of the working frame.

    Returns
    -------
    ndarray, shape (N,)
        Mean over the way of the fluid at 3 mm to the sides less the way itself;
        darker than brain counts as brain, so that a vessel is no better.
    """
    way = ends_mm - start_mm
    length = np.linalg.norm(way, axis=1, keepdims=True)
    along = way / length
    # The grid's own up, so that moving the world moves the samples with it.
    first = np.cross(along, sampler.grid.axes_ras[:, 2])
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(along, first)
    share = np.linspace(0.15, 0.85, 15)
    middle = start_mm + share[None, :, None] * way[:, None, :]

    def ring(radius_mm: float) -> NDArray[np.float64]:
        angles = np.arange(8) * np.pi / 4
        spokes = (
            np.cos(angles)[None, :, None] * first[:, None, :]
            + np.sin(angles)[None, :, None] * second[:, None, :]
        )
        points = middle[:, :, None, :] + radius_mm * spokes[:, None, :, :]
        values = np.nan_to_num(contrast.normalise(sampler(points)), nan=0.0)
        return np.clip(values, contrast.brain_share, 1.0).astype(float)

    core = np.concatenate([ring(0.0)[..., :1], ring(0.8)], axis=-1).mean(axis=-1)
    around = np.percentile(ring(3.0), 60, axis=-1)
    return np.asarray((around - core).mean(axis=1), dtype=float)
