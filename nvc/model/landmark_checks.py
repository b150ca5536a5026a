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
from nvc.model.stages import HeadFrame, SideLandmarks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from nvc.model.grid import Grid

ALONG_NERVE = ("root_exit_point_mm", "root_detachment_mm", "porus_mm", "fundus_mm")
"""Names of the landmarks, from the brainstem outwards."""

_ROOT = ALONG_NERVE[:2]
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
    """

    apart_mm: float
    askew_mm: float


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
) -> list[Misplaced]:
    """Find landmarks that cannot be right, the surest first.

    Parameters
    ----------
    sides : mapping of Side to SideLandmarks
        All that will be used: those given, merged with those found.
    given : collection of Mark
        Which of them a person gave; only these are told.
    head : HeadFrame
        Where the midline is, in the frame of the landmarks.
    limits : LandmarkLimits
        How far apart they may lie.
    """
    placed = dict(_places(sides, head))
    found = [
        *_across_midline(placed),
        *_out_of_order(placed, given, limits),
        *_unlike_other_side(placed, given, limits),
    ]
    return [one for one in found if one.mark in given]


def assume_head(grid: Grid, sides: Mapping[Side, SideLandmarks]) -> HeadFrame:
    """Return a frame to judge sides by where no head was found.

    Its axes are the grid's, its midline half-way between both pori, else in the middle
    of the field of view.

    Parameters
    ----------
    grid : Grid
        Of the reference, canonical storage order.
    sides : mapping of Side to SideLandmarks
        In the frame of the grid.
    """
    pori = [sides[side].porus_mm for side in Side if side in sides]
    known = [np.asarray(porus, dtype=float) for porus in pori if porus is not None]
    middle = (known[0] + known[1]) / 2 if len(known) == len(Side) else grid.centre_mm
    return HeadFrame(origin_mm=middle, axes=grid.axes_ras)


def list_marks(sides: Mapping[Side, SideLandmarks]) -> list[Mark]:
    """Return which landmarks are there."""
    return [
        (side, name)
        for side, own in sides.items()
        for name in ALONG_NERVE
        if getattr(own, name) is not None
    ]


def leave_out(
    sides: Mapping[Side, SideLandmarks], mark: Mark
) -> dict[Side, SideLandmarks]:
    """Return landmarks without one of them, and without sides that name no other."""
    side, name = mark
    points = {own: getattr(sides[side], own) for own in ALONG_NERVE}
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


def _across_midline(placed: Mapping[Mark, NDArray[np.float64]]) -> Iterator[Misplaced]:
    for (side, name), place in placed.items():
        if place[0] < 0:
            yield Misplaced(
                mark=(side, name),
                reason=f"{name} of the {side} lies {-place[0]:.0f} mm to the "
                f"{side.other} of the head's midline.",
            )


def _out_of_order(
    placed: Mapping[Mark, NDArray[np.float64]],
    given: Collection[Mark],
    limits: LandmarkLimits,
) -> Iterator[Misplaced]:
    """Compare each landmark with the next one that is known along its nerve."""
    for side in Side:
        known = [name for name in ALONG_NERVE if (side, name) in placed]
        for inner, outer in pairwise(known):
            first, second = placed[side, inner], placed[side, outer]
            blamed = (side, outer) if (side, outer) in given else (side, inner)
            apart = float(np.linalg.norm(second - first))
            if apart > limits.apart_mm:
                yield Misplaced(
                    mark=blamed,
                    reason=f"{inner} and {outer} of the {side} lie {apart:.0f} mm "
                    f"apart; expected at most {limits.apart_mm:g} mm.",
                )
            elif second[0] < first[0] and inner in _ROOT and outer not in _ROOT:
                yield Misplaced(
                    mark=blamed,
                    reason=f"{outer} of the {side} lies nearer to the midline than "
                    f"{inner}.",
                )


def _unlike_other_side(
    placed: Mapping[Mark, NDArray[np.float64]],
    given: Collection[Mark],
    limits: LandmarkLimits,
) -> Iterator[Misplaced]:
    for name in ALONG_NERVE:
        marks = [(side, name) for side in Side]
        if not all(mark in placed for mark in marks):
            continue
        askew = float(np.linalg.norm(placed[marks[0]] - placed[marks[1]]))
        if askew > limits.askew_mm:
            blamed = next((mark for mark in marks if mark in given), marks[0])
            yield Misplaced(
                mark=blamed,
                reason=f"{name} of the {blamed[0]} lies {askew:.0f} mm from the mirror "
                f"image of that of the {blamed[0].other}; expected at most "
                f"{limits.askew_mm:g} mm.",
            )
