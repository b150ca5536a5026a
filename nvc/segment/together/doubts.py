"""What a dark strand that may be a vessel leaves open on a side.

One strand alone may be an unlikely vessel and yet one of several may well be one: what
counts is the chance that any of those is that lie nearer to CN VII than every vessel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nvc.segment.dark.gather import DarkTube


def find_nearer(doubts: Sequence[DarkTube], reach_mm: float) -> list[DarkTube]:
    """Return what lies nearer to CN VII than a distance, mm, wall to wall."""
    return [tube for tube in doubts if tube.facial_gap_mm < reach_mm]


def say_doubt(doubts: Sequence[DarkTube], missed_chance: float) -> tuple[str, ...]:
    """Name the likeliest strand, where one of them all may well be a vessel.

    Parameters
    ----------
    doubts : sequence of DarkTube
        Each with its log odds; taken as independent, so that pieces of one strand
        leave open rather too much.
    missed_chance : float
        That a vessel among them may be missed with.

    Returns
    -------
    tuple of str
        A clause for a reader; empty where the chance is less.
    """
    none_is = float(np.prod([expit(-tube.odds) for tube in doubts]))
    if none_is >= 1.0 - missed_chance:
        return ()
    likeliest = max(doubts, key=lambda tube: tube.odds)
    gap_mm = max(likeliest.facial_gap_mm, 0.0)
    return (
        f"a dark strand {gap_mm:.1f} mm from CN VII may be a vessel "
        f"({100.0 * expit(likeliest.odds):.0f} %) or else "
        f"{likeliest.rival.described}",
    )
