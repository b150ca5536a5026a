"""What the field of view cuts off, and slices too thick for thin vessels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.remarks.side_places import (
    SidePlace,
    find_side_places,
    span_across,
    turn_to_working_mm,
)
from nvc.model.anatomy import RemarkKind, Side
from nvc.model.findings import Remark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid
    from nvc.model.stages import Regions
    from nvc.numerics import Step
    from nvc.settings import InputSettings, RemarksSettings

_STEP_MM: Step[float] = 1.0


def remark_on_slices(grid: Grid, settings: InputSettings) -> list[Remark]:
    """Remark on voxels that are coarser than protocols for cisternography.

    Parameters
    ----------
    grid : Grid
        Of the reference.
    settings : InputSettings
        Where a warning begins, and where nothing is graded any more.

    Returns
    -------
    list of Remark
        At most one, of the coarsest direction.
    """
    coarsest = max(grid.voxel_size_mm)
    warn, limit = settings.max_slice_warn_mm, settings.max_slice_mm
    more = 1.0 + settings.voxel_size_tolerance
    if coarsest <= warn * more:
        return []
    sentence = f"voxels are {coarsest:.1f} mm in one direction: thin vessels may be "
    sentence += "missed"
    if coarsest > limit * more:
        sentence += f"; beyond {limit:g} mm contact is not judged"
    return [
        Remark(
            kind=RemarkKind.THICK_SLICES,
            side=None,
            value=float(coarsest),
            unit="mm",
            usual=f"0.4 to 0.8 mm; remarked on above {warn:g} mm",
            sentence=sentence,
        )
    ]


def remark_on_coverage(
    grid: Grid, regions: Regions, settings: RemarksSettings
) -> tuple[list[Remark], str | None]:
    """Find canals and cisterns that reach out of the scan.

    Parameters
    ----------
    grid : Grid
        Of the reference.
    regions : Regions
        Where canals and cisterns lie, in the grid's frame.
    settings : RemarksSettings
        How wide both are.

    Returns
    -------
    remarks : list of Remark
        Of each side.
    not_looked_at : str or None
        Why the coverage is not known.
    """
    head, places = regions.head, find_side_places(regions)
    if head is None or not places:
        return [], "no canal was found: whether the scan covers both is not known"
    remarks = []
    for side, place in places.items():
        canal = _around(place.porus, place.fundus, settings.canal_covered_mm)
        cistern = _around(place.root, place.porus, settings.cistern_covered_mm)
        for kind, name, points in (
            (RemarkKind.CANAL_CUT_OFF, "internal auditory canal", canal),
            (RemarkKind.CISTERN_CUT_OFF, "cistern around CN VII", cistern),
        ):
            outside = ~grid.contains(turn_to_working_mm(head, side, points))
            if outside.mean() > settings.cut_off_share:
                remarks.append(
                    _cut_off(kind, name, side, float(outside.mean()), place, settings)
                )
    return remarks, None


def _around(
    start: NDArray[np.float64], stop: NDArray[np.float64], radius_mm: float
) -> NDArray[np.float64]:
    """Return points of a cylinder between two places, evenly spread, shape (N, 3)."""
    along = stop - start
    length = float(np.linalg.norm(along))
    along = along / max(length, 1e-9)
    first, second = span_across(along)
    steps = np.arange(-radius_mm, radius_mm + 1e-9, _STEP_MM)
    a, b = (part.ravel() for part in np.meshgrid(steps, steps, indexing="ij"))
    disc = np.hypot(a, b) <= radius_mm
    across = a[disc, None] * first + b[disc, None] * second
    heights = np.linspace(0.0, length, max(round(length / _STEP_MM), 1) + 1)
    points = start + heights[:, None, None] * along + across[None]
    return np.asarray(points.reshape(-1, 3))


def _cut_off(
    kind: RemarkKind,
    name: str,
    side: Side,
    outside: float,
    place: SidePlace,
    settings: RemarksSettings,
) -> Remark:
    how = " (its place is mirrored from the other side)" if place.is_mirrored else ""
    return Remark(
        kind=kind,
        side=side,
        value=100.0 * outside,
        unit="%",
        usual=f"none; remarked on above {100.0 * settings.cut_off_share:g} %",
        sentence=(
            f"{100.0 * outside:.0f} % of the {name} on the patient's {side} lie "
            f"outside the scan{how}"
        ),
    )
