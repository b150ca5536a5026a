"""Whether something fills a cistern or a canal, or widens it: side against side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.measurement.remarks.csf_space import (
    STEP_MM,
    CanalSpace,
    SideSpace,
    build_lattice,
    measure_space,
)
from nvc.measurement.remarks.side_places import (
    SidePlace,
    find_side_places,
    turn_to_working_mm,
)
from nvc.model.anatomy import RemarkKind, Side
from nvc.model.findings import Remark
from nvc.model.space import to_point
from nvc.settings.anatomy import CANAL_WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.model.space import Point
    from nvc.model.stages import Aligned, HeadFrame, Regions
    from nvc.settings import RemarksSettings

_WHAT = "masses (CSF in both cisterns and canals)"


def remark_on_filling(
    aligned: Aligned, regions: Regions, settings: RemarksSettings
) -> tuple[list[Remark], tuple[str, ...]]:
    """Compare the CSF of both sides.

    Parameters
    ----------
    aligned : Aligned
        The reference.
    regions : Regions
        Where the canals lie, and tissue levels; also of sides that were refused.
    settings : RemarksSettings
        Limits.

    Returns
    -------
    remarks : list of Remark
        Cistern, canal and width, each of the side that has less CSF or more width.
    not_looked_at : tuple of str
        What could not be compared, and why.
    """
    if not aligned.csf_is_bright:
        return [], (f"{_WHAT}: they need a T2 cisternography",)
    head, levels, places = regions.head, regions.levels, find_side_places(regions)
    if head is None or levels is None or not places:
        return [], (f"{_WHAT}: no canal was found",)
    spaces = {
        side: measure_space(aligned.reference, levels, head, side, place, settings)
        for side, place in places.items()
    }
    missing = []
    remarks: list[Remark] = []
    if min(space.covered for space in spaces.values()) < settings.compared_covered_min:
        missing.append("masses in the cistern: the scan does not hold both sides")
    else:
        remarks += _cistern_remarks(head, places, spaces, settings)
    canals = {s: space.canal for s, space in spaces.items() if space.canal is not None}
    if len(canals) < len(Side):
        missing.append("masses in the canal: the scan does not hold both canals")
    else:
        remarks += _canal_remarks(head, places, canals, settings)
    return remarks, tuple(missing)


def _cistern_remarks(
    head: HeadFrame,
    places: Mapping[Side, SidePlace],
    spaces: Mapping[Side, SideSpace],
    settings: RemarksSettings,
) -> list[Remark]:
    """Remark on a side where tissue or nothing bright is, and CSF on the other."""
    reach = settings.cistern_radius_mm
    bodies = {
        side: find_largest_body(spaces[side], spaces[side.other], reach)
        for side in Side
    }
    own = max(bodies, key=lambda side: bodies[side][0])
    has_body = bodies[own][0] >= settings.body_min_mm
    if not has_body:
        own = min(spaces, key=lambda side: spaces[side].csf_ml)
    other = own.other
    share = spaces[own].csf_ml / max(spaces[other].csf_ml, 1e-6)
    if not has_body and share >= settings.cistern_csf_min:
        return []
    body_mm, at = bodies[own]
    body = f"; a body {body_mm:.0f} mm across lies where the other side holds CSF"
    return [
        Remark(
            kind=RemarkKind.CISTERN_FILLED,
            side=own,
            value=spaces[own].csf_ml,
            unit="ml",
            usual=(
                f"as on the other side, {spaces[other].csf_ml:.1f} ml, and no body; "
                f"remarked on below {100.0 * settings.cistern_csf_min:g} % of that or "
                f"from a body of {settings.body_min_mm:g} mm on"
            ),
            sentence=(
                f"the cistern beside the porus on the patient's {own} holds "
                f"{spaces[own].csf_ml:.1f} ml of CSF{body if has_body else ''}"
                f"{_mirrored(places[own])}"
            ),
            at_mm=to_point(turn_to_working_mm(head, own, places[own].porus + at)),
        )
    ]


def find_largest_body(
    own: SideSpace, other: SideSpace, reach_mm: float
) -> tuple[float, NDArray[np.float64]]:
    """Return the largest ball of tissue where the other side has CSF, and its place.

    Parameters
    ----------
    own, other : SideSpace
        The two sides.
    reach_mm : float
        Half edge of their lattice.

    Returns
    -------
    diameter_mm : float
        Of the ball.
    offset : ndarray, shape (3,)
        From the porus, outwards-anterior-superior, mm.
    """
    depth = ndimage.distance_transform_edt(own.is_grey & other.is_csf)
    if not depth.any():
        return 0.0, np.zeros(3)
    deepest = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return 2.0 * float(depth.max()) * STEP_MM, build_lattice(reach_mm)[deepest]


def _canal_remarks(
    head: HeadFrame,
    places: Mapping[Side, SidePlace],
    canals: Mapping[Side, CanalSpace],
    settings: RemarksSettings,
) -> list[Remark]:
    """Remark on a canal without CSF, and on one wider than the other."""
    remarks = []
    widths = {side: canal.width_mm for side, canal in canals.items()}
    known = {side: width for side, width in widths.items() if width is not None}
    shares = {
        side: canal.emptiest_mm2 / _section_mm2(side, known)
        for side, canal in canals.items()
    }
    empty = min(shares, key=lambda side: shares[side])
    if shares[empty] < settings.canal_csf_min * shares[empty.other]:
        at_mm = _middle(head, empty, places[empty])
        remarks.append(_filled(empty, shares, places[empty], at_mm, settings))
    if len(known) == len(Side):
        narrow, wide = sorted(known, key=lambda side: known[side])
        if known[wide] - known[narrow] > settings.canal_wider_mm:
            at_mm = _middle(head, wide, places[wide])
            remarks.append(_wide(wide, known, at_mm, settings))
    return remarks


def _section_mm2(side: Side, widths: Mapping[Side, float]) -> float:
    """Return the area of a canal's section, the other's where its own is not known."""
    width_mm = widths.get(side, widths.get(side.other, CANAL_WIDTH.mean))
    return 0.25 * np.pi * width_mm**2


def _filled(
    side: Side,
    shares: Mapping[Side, float],
    place: SidePlace,
    at_mm: Point,
    settings: RemarksSettings,
) -> Remark:
    own, other = 100.0 * shares[side], 100.0 * shares[side.other]
    return Remark(
        kind=RemarkKind.CANAL_FILLED,
        side=side,
        value=own,
        unit="%",
        usual=(
            f"as on the other side, {other:.0f} %; remarked on below "
            f"{settings.canal_csf_min:g} of that"
        ),
        sentence=(
            f"over {settings.canal_filled_mm:g} mm of its length the internal auditory "
            f"canal on the patient's {side} holds CSF in {own:.0f} % of its section"
            f"{_mirrored(place)}"
        ),
        at_mm=at_mm,
    )


def _wide(
    side: Side, widths: Mapping[Side, float], at_mm: Point, settings: RemarksSettings
) -> Remark:
    return Remark(
        kind=RemarkKind.CANAL_WIDE,
        side=side,
        value=widths[side],
        unit="mm",
        usual=(
            f"as on the other side, {widths[side.other]:.1f} mm; remarked on from "
            f"{settings.canal_wider_mm:g} mm more "
            f"({CANAL_WIDTH.mean:g}, SD {CANAL_WIDTH.sd:g} mm in 3786 canals, "
            "Folia Morphol)"
        ),
        sentence=(
            f"the internal auditory canal on the patient's {side} is "
            f"{widths[side]:.1f} mm wide"
        ),
        at_mm=at_mm,
    )


def _middle(head: HeadFrame, side: Side, place: SidePlace) -> Point:
    return to_point(turn_to_working_mm(head, side, 0.5 * (place.porus + place.fundus)))


def _mirrored(place: SidePlace) -> str:
    return ", at the mirrored place of the other's" if place.is_mirrored else ""
