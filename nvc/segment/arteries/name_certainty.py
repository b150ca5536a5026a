"""How sure the name of an artery is: all that a name rests on, as shares of 0 to 1.

A name is right only if all of its grounds hold, so they are multiplied. Each ground is
the share of a normal spread that lies on the name's side of a limit: 0.5 at the limit,
never 1. None of them is fitted to generated heads.

References
----------
Calibres and their SD: doi:10.1136/neurintsurg-2012-010412 (VA 2.8 (SD 0.6) mm, BA 3.2
(SD 0.5) mm across). Length of BA: Nishijima 1994, J Nippon Med Sch 61(6):529 (35.0
(SD 5.1) mm, flexed by 32.5 (SD 24.5) degrees, 52 brains). Place of BA: Smoker et al.
1986, PMC8334772 (98 % of 126 lie medial to the margins of clivus and dorsum sellae).
SCA leaves BA near its top (Rhoton).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRUNK_RADIUS_MM = 1.0
MIDLINE_MM = 7.0
JUNCTION_BELOW_ROOTS_MM = 2.0
SCA_ABOVE_ROOTS_MM = 14.0
"""BA is some 27 mm long; AICA leaves its lower, SCA its upper end."""

CONNECTED_MM = 2.0
SHORTEST_STATIONS = 7

CALIBRE_SD_MM = {"VA": 0.6, "BA": 0.5}
"""Of the diameter."""

BASILAR_MM = 35.0
HEIGHT_SD_MM = 5.1 / 2**0.5
"""Of each end of BA: both of them make up the spread of its length."""

MIDLINE_SD_MM = MIDLINE_MM / 2.33
"""BA strays farther than the limit in 1 of 50."""

LEANING_DEG = 45.0
"""BA climbs: what goes more aside than up is more likely a branch."""

LEAN_SD_DEG = 24.5
"""Of BA's flexion."""

BOTH_ENDS = 0.5
"""A branch leaves a trunk once: what joins it at both ends may be the trunk itself."""


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

    Returns
    -------
    float
        0 to 1.
    """
    aside = float(np.median(np.abs(places_mm[:, 0])))
    above = float(np.median(places_mm[:, 2])) + JUNCTION_BELOW_ROOTS_MM
    spread = _height_sd(roots_sd_mm)
    beyond_junction = _share(above, spread) * _share(MIDLINE_MM - aside, MIDLINE_SD_MM)
    if name == "BA":
        # Above its end and aside from it run the posterior cerebral arteries.
        place = beyond_junction * _share(BASILAR_MM - above, spread)
        place *= _share(LEANING_DEG - _lean_deg(places_mm), LEAN_SD_DEG)
    else:
        # On the midline a trunk may be either VA or a BA that begins low.
        place = (1.0 - beyond_junction) * _share(aside, MIDLINE_SD_MM)
    # Fewer stations than the median filter spans have no calibre of their own.
    length = min(1.0, len(radius_mm) / SHORTEST_STATIONS)
    return _share(_wider_mm(radius_mm), CALIBRE_SD_MM[name]) * place * length


def rate_branch_name(
    name: str, origin: BranchPoint, radius_mm: NDArray[np.float64], roots_sd_mm: float
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

    Returns
    -------
    float
        0 to 1, never above the trunk's.
    """
    spread = _height_sd(roots_sd_mm)
    upper = _share(origin.height_mm - SCA_ABOVE_ROOTS_MM, spread)
    place = upper if name == "SCA-like" else 1.0 - upper
    if name != "SCA-like":
        # At the junction AICA and PICA are told apart by nothing: even odds.
        place *= _share(origin.junction_mm, spread)
    # A bridge as long as is allowed at all is worth half of a joined end.
    joined = 2.0 ** (-origin.gap_mm / CONNECTED_MM)
    thinner = _share(-_wider_mm(radius_mm), CALIBRE_SD_MM[origin.trunk])
    once = BOTH_ENDS if origin.both_ends else 1.0
    return origin.trunk_confidence * joined * place * thinner * once


def _wider_mm(radius_mm: NDArray[np.float64]) -> float:
    """Diameter beyond that which makes a trunk."""
    return 2.0 * (float(np.median(radius_mm)) - TRUNK_RADIUS_MM)


def _lean_deg(places_mm: NDArray[np.float64]) -> float:
    """Angle between up and the way from end to end, seen from the front."""
    way = np.abs(places_mm[-1] - places_mm[0])
    return float(np.rad2deg(np.arctan2(way[0], way[2])))


def _height_sd(roots_sd_mm: float) -> float:
    return float(np.hypot(HEIGHT_SD_MM, roots_sd_mm))


def _share(beyond: float, spread: float) -> float:
    """Share of a normal spread below a value."""
    return float(ndtr(beyond / spread))
