"""Whether landmarks lie on the side and in the order that they say.

A file, or a hand that drags a point, may call the left the right: in LPS in
place of RAS every point lands on the other side of the head. So no landmark is believed
for its name: it is held against the head's own midline, its neighbours along the nerve,
and the same landmark of the other side.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import InputError, Problem
from nvc.model.anatomy import Side
from nvc.model.stages import LANDMARK_NAMES, HeadFrame, SideLandmarks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from nvc.model.grid import Grid

_ROOT = LANDMARK_NAMES[:2]
"""Along the brain a nerve may run either way; from there to the canal, only outward."""

Mark = tuple[Side, str]
"""A side and the name of a landmark."""

_REMEDY = (
    "Points are RAS mm of the reference (x to the patient's right): are these LPS, or "
    "of the other side?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkLimits:
    """How far apart landmarks may lie.

    Parameters
    ----------
    apart_mm : float
        Two neighbours along one nerve.
    askew_mm : float
        A landmark and the mirror image of the same one of the other side.
    across_mm : float
        A landmark and the midline, on the wrong side of it.
    """

    apart_mm: float
    askew_mm: float
    across_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Misplaced:
    """A landmark that cannot be where it is said to be, and why."""

    mark: Mark
    reason: str

    @property
    def left_out(self) -> str:
        """What a report says where it was not used."""
        side, name = self.mark
        return f"{name} as moved on the {side} was left out: {self.reason.rstrip('.')}"


class LandmarkError(InputError):
    """Landmarks that cannot be where they are said to be.

    Parameters
    ----------
    where : str
        The file or the view that they come from.
    misplaced : sequence of Misplaced
        The surest first; all are counted, the first is explained.
    """

    def __init__(self, where: str, misplaced: Sequence[Misplaced]) -> None:
        self.misplaced = tuple(misplaced)
        first, others = misplaced[0], len(misplaced) - 1
        more = f" {others} more cannot be right either." if others else ""
        super().__init__(
            Problem(
                code="landmark-side",
                where=where,
                reason=first.reason + more,
                remedy=_REMEDY,
            )
        )


def find_misplaced(
    sides: Mapping[Side, SideLandmarks],
    given: Collection[Mark],
    head: HeadFrame,
    limits: LandmarkLimits,
    *,
    is_midline_known: bool = True,
) -> list[Misplaced]:
    """Find landmarks that cannot be right, the surest first.

    Those given are compared with each other alone: a proposal may itself be wrong.

    Parameters
    ----------
    sides : mapping of Side to SideLandmarks
        All that will be used: those given, merged with those found.
    given : collection of Mark
        Which of them a person gave; only these are looked at.
    head : HeadFrame
        Where the midline is, in the frame of the landmarks.
    limits : LandmarkLimits
        How far apart they may lie.
    is_midline_known : bool
        Whether the frame is of a head (`knows_midline`), or has its axes alone.
    """
    placed = {mark: at for mark, at in _places(sides, head) if mark in given}
    found = list(_out_of_order(placed, limits))
    if is_midline_known:
        across = _across_midline(placed, limits)
        found = [*across, *found, *_unlike_other_side(placed, limits)]
    return found


def knows_midline(sides: Mapping[Side, SideLandmarks]) -> bool:
    """Tell whether landmarks show where the midline is: both pori do."""
    return all(side in sides and sides[side].porus_mm is not None for side in Side)


def choose_head(
    found: HeadFrame | None, grid: Grid, sides: Mapping[Side, SideLandmarks]
) -> tuple[HeadFrame, bool]:
    """Return a frame to judge landmarks by, and whether its midline is known.

    Parameters
    ----------
    found : HeadFrame or None
        The head, where one was found.
    grid, sides
        As `assume_head` takes them.
    """
    if found is not None:
        return found, True
    return assume_head(grid, sides), knows_midline(sides)


def assume_head(grid: Grid, sides: Mapping[Side, SideLandmarks]) -> HeadFrame:
    """Return a frame to judge landmarks by where no head was found.

    Its axes are the grid's, its midline half-way between both pori. Without them it is
    in the middle of the field of view, which tells nothing: a slab may be of one side.

    Parameters
    ----------
    grid : Grid
        Of the reference, canonical storage order.
    sides : mapping of Side to SideLandmarks
        In the frame of the grid.
    """
    middle = grid.centre_mm
    if knows_midline(sides):
        pori = [np.asarray(sides[side].porus_mm, dtype=float) for side in Side]
        middle = (pori[0] + pori[1]) / 2
    return HeadFrame(origin_mm=middle, axes=grid.axes_ras)


def list_marks(sides: Mapping[Side, SideLandmarks]) -> list[Mark]:
    """Return which landmarks are there."""
    return [
        (side, name)
        for side, own in sides.items()
        for name in LANDMARK_NAMES
        if getattr(own, name) is not None
    ]


def leave_out(
    sides: Mapping[Side, SideLandmarks], mark: Mark
) -> dict[Side, SideLandmarks]:
    """Return landmarks without one of them, and without sides that name no other."""
    side, name = mark
    points = {own: getattr(sides[side], own) for own in LANDMARK_NAMES}
    without = SideLandmarks(**{**points, name: None}, source=sides[side].source)
    kept = {**sides, side: without}
    named = {left for left, _ in list_marks(kept)}
    return {left: own for left, own in kept.items() if left in named}


def _places(
    sides: Mapping[Side, SideLandmarks], head: HeadFrame
) -> Iterator[tuple[Mark, NDArray[np.float64]]]:
    """Yield where each landmark lies: outward from the midline, forward, up, in mm."""
    for side, name in list_marks(sides):
        own = head.to_head(getattr(sides[side], name))
        yield (side, name), own * [side.sign, 1.0, 1.0]


def _across_midline(
    placed: Mapping[Mark, NDArray[np.float64]], limits: LandmarkLimits
) -> Iterator[Misplaced]:
    for (side, name), place in placed.items():
        if place[0] < -limits.across_mm:
            yield Misplaced(
                mark=(side, name),
                reason=f"{name} of the {side} lies {-place[0]:.0f} mm to the "
                f"{side.other} of the head's midline.",
            )


def _out_of_order(
    placed: Mapping[Mark, NDArray[np.float64]], limits: LandmarkLimits
) -> Iterator[Misplaced]:
    """Compare each landmark with the next one that was given along its nerve."""
    for side in Side:
        known = [name for name in LANDMARK_NAMES if (side, name) in placed]
        for inner, outer in pairwise(known):
            first, second = placed[side, inner], placed[side, outer]
            apart = float(np.linalg.norm(second - first))
            if apart > limits.apart_mm:
                yield Misplaced(
                    mark=(side, outer),
                    reason=f"{inner} and {outer} of the {side} lie {apart:.0f} mm "
                    f"apart; expected at most {limits.apart_mm:g} mm.",
                )
            elif second[0] < first[0] and inner in _ROOT and outer not in _ROOT:
                yield Misplaced(
                    mark=(side, outer),
                    reason=f"{outer} of the {side} lies nearer to the midline than "
                    f"{inner}.",
                )


def _unlike_other_side(
    placed: Mapping[Mark, NDArray[np.float64]], limits: LandmarkLimits
) -> Iterator[Misplaced]:
    first, other = Side
    for name in LANDMARK_NAMES:
        if (first, name) not in placed or (other, name) not in placed:
            continue
        askew = float(np.linalg.norm(placed[first, name] - placed[other, name]))
        if askew > limits.askew_mm:
            # Which of the two is wrong cannot be told: either may be looked at first.
            for side in Side:
                yield Misplaced(
                    mark=(side, name),
                    reason=f"{name} of the {side} lies {askew:.0f} mm from the mirror "
                    f"image of that of the {side.other}; expected at most "
                    f"{limits.askew_mm:g} mm.",
                )
