"""How sure the name of an artery is: all that a name rests on, as shares of 0 to 1.

A name is right only if all of its grounds hold, so they are multiplied. Each ground is
the share of a normal spread that lies on the name's side of a limit: 0.5 at the limit,
never 1. None of them is fitted to generated heads.

Calibres, length and place of BA are those of `nvc.settings.anatomy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from nvc.settings.anatomy import (
    BASILAR_DIAMETER,
    BASILAR_LEAN,
    BASILAR_LENGTH,
    VERTEBRAL_DIAMETER,
)
from nvc.settings.groups.vessels import NamesSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count, Exact


SHORTEST_STATIONS: Count[int] = 7
"""Over which a calibre is the median."""
_CALIBRE_SD_MM = {"VA": VERTEBRAL_DIAMETER.sd, "BA": BASILAR_DIAMETER.sd}
_HEIGHT_SD_MM: Exact[float] = BASILAR_LENGTH.sd / 2**0.5
"""Of each end of BA: both of them make up the spread of its length."""
_ONE_IN_FIFTY: Exact[float] = 2.33
"""Standard deviations beyond which 1 of 50 lies, on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPoint:
    """Where a branch leaves a trunk.

    Parameters
    ----------
    trunk : str
        ``"BA"`` or ``"VA"``.
    trunk_confidence : float
        0 to 1: that the trunk's own name is right.
    gap_mm : float
        From the branch's end to the trunk's wall; 0 where it reaches it.
    height_mm : float
        Above the root exits of CN VII.
    junction_mm : float
        Distance to the other trunk: to where the two vertebral arteries join.
    both_ends : bool
        Whether the other end lies on the same trunk.
    """

    trunk: str
    trunk_confidence: float
    gap_mm: float
    height_mm: float
    junction_mm: float
    both_ends: bool = False


def rate_trunk_name(
    name: str,
    places_mm: NDArray[np.float64],
    radius_mm: NDArray[np.float64],
    roots_sd_mm: float,
    settings: NamesSettings | None = None,
) -> float:
    """Say how sure a stretch is BA or VA, by calibre and place.

    Parameters
    ----------
    name : str
        ``"BA"`` or ``"VA"``.
    places_mm : ndarray, shape (N, 3)
        Right, anterior, superior of the root exits' height, head frame.
    radius_mm : ndarray, shape (N,)
        Calibre.
    roots_sd_mm : float
        Error of the root exits' height, one sigma.
    settings : NamesSettings, optional
        Limits that names begin at.

    Returns
    -------
    float
        0 to 1.
    """
    settings = settings or NamesSettings()
    midline, midline_sd = settings.midline_mm, settings.midline_mm / _ONE_IN_FIFTY
    aside = float(np.median(np.abs(places_mm[:, 0])))
    above = float(np.median(places_mm[:, 2])) + settings.junction_below_roots_mm
    spread = _height_sd(roots_sd_mm)
    beyond_junction = _share(above, spread) * _share(midline - aside, midline_sd)
    if name == "BA":
        # Above its end and aside from it run the posterior cerebral arteries.
        place = beyond_junction * _share(BASILAR_LENGTH.mean - above, spread)
        place *= _share(settings.leaning_deg - _lean_deg(places_mm), BASILAR_LEAN.sd)
    else:
        # On the midline a trunk may be either VA or a BA that begins low.
        place = (1.0 - beyond_junction) * _share(aside, midline_sd)
    # Fewer stations than the median filter spans have no calibre of their own.
    length = min(1.0, len(radius_mm) / SHORTEST_STATIONS)
    return _share(_wider_mm(radius_mm, settings), _CALIBRE_SD_MM[name]) * place * length


def rate_branch_name(
    name: str,
    origin: BranchPoint,
    radius_mm: NDArray[np.float64],
    roots_sd_mm: float,
    settings: NamesSettings | None = None,
) -> float:
    """Say how sure a branch's name is, by its origin, its calibre and the trunk's name.

    Parameters
    ----------
    name : str
        ``"AICA-like"``, ``"PICA-like"`` or ``"SCA-like"``.
    origin : BranchPoint
        Where it leaves its trunk.
    radius_mm : ndarray, shape (N,)
        Calibre of the branch.
    roots_sd_mm : float
        Error of the root exits' height, one sigma.
    settings : NamesSettings, optional
        Limits that names begin at.

    Returns
    -------
    float
        0 to 1, never above the trunk's.
    """
    settings = settings or NamesSettings()
    spread = _height_sd(roots_sd_mm)
    upper = _share(origin.height_mm - settings.sca_above_roots_mm, spread)
    place = upper if name == "SCA-like" else 1.0 - upper
    if name != "SCA-like":
        # At the junction AICA and PICA are told apart by nothing: even odds.
        place *= _share(origin.junction_mm, spread)
    # A bridge as long as is allowed at all is worth half of a joined end.
    joined = 2.0 ** (-origin.gap_mm / settings.connected_mm)
    thinner = _share(-_wider_mm(radius_mm, settings), _CALIBRE_SD_MM[origin.trunk])
    once = settings.both_ends if origin.both_ends else 1.0
    return origin.trunk_confidence * joined * place * thinner * once


def _wider_mm(radius_mm: NDArray[np.float64], settings: NamesSettings) -> float:
    """Diameter beyond that which makes a trunk."""
    return 2.0 * (float(np.median(radius_mm)) - settings.trunk_radius_mm)


def _lean_deg(places_mm: NDArray[np.float64]) -> float:
    """Angle between up and the way from end to end, seen from the front."""
    way = np.abs(places_mm[-1] - places_mm[0])
    return float(np.rad2deg(np.arctan2(way[0], way[2])))


def _height_sd(roots_sd_mm: float) -> float:
    return float(np.hypot(_HEIGHT_SD_MM, roots_sd_mm))


def _share(beyond: float, spread: float) -> float:
    """Share of a normal spread below a value."""
    return float(ndtr(beyond / spread))
