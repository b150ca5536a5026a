"""Where canal and cistern lie on each side, also where that side does not show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import HeadFrame, Regions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SidePlace:
    """Landmarks of one side in head coordinates, the first axis pointing outwards.

    Parameters
    ----------
    porus, fundus, root : ndarray, shape (3,)
        Ends of the canal, and the root detachment; outwards, anterior, superior, mm.
    is_mirrored : bool
        Whether they are those of the other side, mirrored.
    """

    porus: NDArray[np.float64]
    fundus: NDArray[np.float64]
    root: NDArray[np.float64]
    is_mirrored: bool

    @property
    def outwards(self) -> NDArray[np.float64]:
        """Unit vector along the canal, from porus to fundus."""
        along: NDArray[np.float64] = self.fundus - self.porus
        return along / np.linalg.norm(along)


def find_side_places(regions: Regions) -> dict[Side, SidePlace]:
    """Find where canal and root lie on both sides.

    A side without landmarks, or one that was refused beside one that was not, takes
    the mirrored places of the other: what fills a canal also hides it.

    Parameters
    ----------
    regions : Regions
        Landmarks, mm of the working frame, and the head's directions.

    Returns
    -------
    dict of Side to SidePlace
        Of both sides; empty where neither side shows them.
    """
    if regions.head is None:
        return {}
    own = {}
    for side in Side:
        place = _own_place(regions.head, side, regions)
        if place is not None:
            own[side] = place
    trusted = {side for side in own if regions.sides[side].evaluable} or set(own)
    if not trusted:
        return {}
    return {
        side: own[side]
        if side in trusted
        else replace(own[side.other], is_mirrored=True)
        for side in Side
    }


def turn_to_working_mm(
    head: HeadFrame, side: Side, points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Turn a side's own coordinates into those of the working frame.

    Parameters
    ----------
    head : HeadFrame
        The head's directions in the working frame.
    side : Side
        Whose outwards the first axis is.
    points : ndarray, shape (..., 3)
        Outwards, anterior, superior from the head's origin, mm.

    Returns
    -------
    ndarray, shape (..., 3)
        mm of the working frame.
    """
    return head.to_ras_mm(points * np.array([side.sign, 1.0, 1.0]))


def span_across(
    along: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return two directions square to a canal or nerve and to each other.

    Parameters
    ----------
    along : ndarray, shape (3,)
        Unit vector, outwards-anterior-superior, not superior itself.

    Returns
    -------
    tuple of ndarray, shape (3,) each
        The first one level, unit length; the second its cross product with `along`.
    """
    first = np.cross(along, np.array([0.0, 0.0, 1.0]))
    first = first / np.linalg.norm(first)
    return first, np.cross(along, first)


def _own_place(head: HeadFrame, side: Side, regions: Regions) -> SidePlace | None:
    marks = regions.sides[side].landmarks
    found = (marks.porus_mm, marks.fundus_mm, marks.root_detachment_mm)
    if any(point is None for point in found):
        return None
    flip = np.array([side.sign, 1.0, 1.0])
    porus, fundus, root = head.to_head(np.stack([p for p in found if p is not None]))
    if np.linalg.norm(fundus - porus) < 1.0:
        return None
    return SidePlace(
        porus=porus * flip, fundus=fundus * flip, root=root * flip, is_mirrored=False
    )
