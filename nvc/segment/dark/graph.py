"""Which strands go on as which: one graph, in which neighbours share their odds.

A short or grey stretch that nothing tells from a nerve is a vessel where it goes on
from one, and a dark stretch that goes on as a nerve is doubted. Every end is joined to
what it most likely goes on as, and what each strand shows is passed along (belief
propagation, exact on the forest of the strongest joints; Pearl 1988).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from nvc.tubes.curve import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Tolerance
    from nvc.segment.dark.strands import Strand
    from nvc.settings.groups.strands import StrandsSettings

_NO_JOINT: Tolerance[float] = 0.05
"""Joints that are less sure pass nothing on."""


def share_odds(
    strands: list[Strand], odds: NDArray[np.float64], settings: StrandsSettings
) -> NDArray[np.float64]:
    """Return the odds of each strand, given all that it is joined to.

    Parameters
    ----------
    strands : list of Strand
        Of one image.
    odds : ndarray, shape (N,)
        Log odds of each by itself.
    settings : StrandsSettings
        How sure joints are.

    Returns
    -------
    ndarray, shape (N,)
        Log odds.
    """
    if len(strands) < 2:
        return odds
    alike = find_joints(strands, settings)
    forest = minimum_spanning_tree(coo_array(-np.log1p(alike)).tocsr())
    forest = forest + forest.T
    count = len(strands)
    # Before its own share of it: what comes from each child, then from the parent.
    from_below, from_above = np.zeros((2, count))
    seen = np.zeros(count, dtype=bool)
    for root in range(count):
        if seen[root]:
            continue
        order, parent = breadth_first_order(forest, root, directed=False)
        seen[order] = True
        passed = np.zeros(count)
        for node in order[:0:-1]:
            up = parent[node]
            passed[node] = _pass_on(odds[node] + from_below[node], alike[node, up])
            from_below[up] += passed[node]
        for node in order[1:]:
            up = parent[node]
            rest = odds[up] + from_below[up] + from_above[up] - passed[node]
            from_above[node] = _pass_on(rest, alike[node, up])
    return np.asarray(odds + from_below + from_above)


def _pass_on(odds: float, alike: float) -> float:
    """Log odds that a neighbour passes on.

    Two strands are one structure with the probability `alike`, and else as often a
    vessel each as any strand is: one of the four explanations (`explain`).
    """
    both = float(np.logaddexp(np.log1p(3.0 * alike) + odds, np.log1p(-alike)))
    none = float(np.logaddexp(np.log1p(-alike) + odds, np.log1p(alike / 3.0)))
    return both - none


def find_joints(
    strands: list[Strand], settings: StrandsSettings
) -> NDArray[np.float64]:
    """Return how surely each two strands are one structure.

    Parameters
    ----------
    strands : list of Strand
        Of one image.
    settings : StrandsSettings
        How sure joints are.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric, 0 to 1, and 0 for a strand with itself.
    """
    sure = settings.going_on
    joints = np.zeros((len(strands), len(strands)))
    for i, one in enumerate(strands):
        for j, other in enumerate(strands[:i]):
            if one.track == other.track:
                hidden = _between_ends(one, other)
                joints[i, j] = sure * np.exp(-((hidden / settings.hidden_mm) ** 2))
            else:
                joints[i, j] = sure * _goes_on(one, other, settings)
    joints[joints < _NO_JOINT] = 0.0
    return joints + joints.T


def _between_ends(one: Strand, other: Strand) -> float:
    first, second = sorted((one, other), key=lambda s: s.first)
    gap = second.course.points_mm[0] - first.course.points_mm[-1]
    return float(np.linalg.norm(gap))


def _goes_on(one: Strand, other: Strand, settings: StrandsSettings) -> float:
    """How well the nearest ends of two strands fit, 0 to 1."""
    best = 0.0
    for a, b in ((one, other), (other, one)):
        points = b.course.points_mm
        for end in (points, points[::-1]):
            gap = np.linalg.norm(a.course.points_mm - end[0], axis=1)
            near = int(np.argmin(gap))
            beyond = max(float(gap[near] - a.course.radius_mm[near]), 0.0)
            fits = np.exp(-0.5 * (beyond / settings.onward_mm) ** 2)
            turn = _turn(a, near, end, settings.apart_mm)
            # What begins at a vessel's wall comes from it, whichever way it turns.
            best = max(best, float(fits * max(turn, 0.5 * fits**8)))
    return best


def _turn(
    strand: Strand, near: int, end: NDArray[np.float64], apart_mm: float
) -> float:
    """Cosine by which a way turns that leads from a strand's end into another's.

    Ends that are less than `apart_mm` apart have no direction between them.
    """
    points = strand.course.points_mm
    if 0 < near < len(points) - 1:
        return 0.0
    inner = min(3, len(points) - 1) if near == 0 else max(near - 3, 0)
    leaving = unit(points[near] - points[inner])
    onward = unit(end[min(3, len(end) - 1)] - end[0])
    across = end[0] - points[near]
    length = float(np.linalg.norm(across))
    ways = [leaving @ onward]
    if length > apart_mm:
        ways += [leaving @ across / length, onward @ across / length]
    return float(min(ways))
