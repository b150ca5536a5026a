"""What is wrong between the series of a study, where each by itself is fine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.io.doors.reading import PatientKey
    from nvc.io.study.inspection import FoundSeries
    from nvc.model.grid import Grid, Volume
    from nvc.model.study import Series
    from nvc.settings.input import InputSettings

_LATTICE = 25
SEVERAL_PATIENTS = "several-patients"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """A found series with what must not leave `nvc.io`."""

    found: FoundSeries
    where: str
    patient: PatientKey


def find_study_problems(known: Sequence[Known]) -> list[Problem]:
    """Find what is wrong between series: patients, copies, roles taken twice."""
    problems = []
    for one, other in combinations(known, 2):
        if one.patient.conflicts_with(other.patient):
            problems.append(
                _between(
                    SEVERAL_PATIENTS,
                    (one, other),
                    "the two are of different patients.",
                    "Keep to one patient.",
                )
            )
    used = [one for one in known if one.found.series is not None]
    for one, other in combinations(used, 2):
        if is_same_image(one.found, other.found):
            problems.append(
                _between(
                    "same-image-twice",
                    (one, other),
                    "the two are one and the same image.",
                    "Give each sequence once.",
                )
            )
        elif one.found.role is other.found.role:
            role = one.found.role
            problems.append(
                _between(
                    "role-taken-twice",
                    (one, other),
                    f"both look like {role.upper()}.",
                    f"Name one with --{role}.",
                )
            )
    return list({(p.code, p.where): p for p in problems}.values())


def _between(code: str, pair: tuple[Known, Known], reason: str, remedy: str) -> Problem:
    where = " and ".join(dict.fromkeys(one.where for one in pair))
    return Problem(code=code, where=where, reason=reason, remedy=remedy)


def is_same_image(one: FoundSeries, other: FoundSeries) -> bool:
    """Tell whether two series that were read hold the same voxels."""
    if one.series is None or other.series is None:
        return False
    if one.sha256 == other.sha256:
        return True
    first, second = one.series.volume, other.series.volume
    return _are_equal(first, second) or _are_equal_canonical(first, second)


def is_copy(one: FoundSeries, other: FoundSeries, settings: InputSettings) -> bool:
    """Tell whether two series hold the same voxels in the same place.

    With the same voxels elsewhere, or mirrored, one of the two is wrong; which one,
    nobody can tell from the files.
    """
    if one.series is None or other.series is None or not is_same_image(one, other):
        return False
    first, second = one.series.volume, other.series.volume
    if not _are_equal_canonical(first, second):
        return False
    mine, theirs = first.canonical().grid, second.canonical().grid
    return mine.same_geometry(theirs, settings.same_place_mm)


def _are_equal(one: Volume, other: Volume) -> bool:
    shapes = one.grid.shape, other.grid.shape
    return shapes[0] == shapes[1] and np.array_equal(one.voxels, other.voxels)


def _are_equal_canonical(one: Volume, other: Volume) -> bool:
    """Compare in one storage order: converters turn the rows of a DICOM series."""
    if sorted(one.grid.shape) != sorted(other.grid.shape):
        return False
    return _are_equal(one.canonical(), other.canonical())


def find_study_warnings(known: Sequence[Known], settings: InputSettings) -> list[str]:
    """Say where series do not share a coordinate system or a place."""
    used = [k.found.series for k in known if k.found.series is not None]
    found = []
    for one, other in combinations(used, 2):
        pair = f"{one.role.upper()} and {other.role.upper()}"
        if _other_frame(one, other):
            found.append(
                f"{pair} have different frames of reference: they are matched by "
                "image alone"
            )
        shared, width = _least_shared(one.volume.grid, other.volume.grid)
        if shared == 0.0:
            found.append(
                f"{pair} do not overlap where the scanner's coordinates put them"
            )
        elif shared < settings.min_shared_field * width:
            found.append(
                f"{pair} share {shared:.0f} of {width:.0f} mm in one direction where "
                "the scanner's coordinates put them: are both of one head?"
            )
    return found


def _other_frame(one: Series, other: Series) -> bool:
    mine = one.volume.grid.frame_of_reference_uid
    theirs = other.volume.grid.frame_of_reference_uid
    return bool(mine and theirs and mine != theirs)


def _least_shared(one: Grid, other: Grid) -> tuple[float, float]:
    """Compare two fields of view along the axes of the first.

    Returns
    -------
    shared_mm : float
        What both cover, where that is least of the narrower of both; 0 where no point
        of a coarse lattice in either lies in the other.
    width_mm : float
        Of the narrower one in that direction.
    """
    points = _lattice(one)
    theirs = _lattice(other)
    in_both = np.concatenate(
        [points[other.contains(points)], theirs[one.contains(theirs)]]
    )
    if not len(in_both):
        return 0.0, 1.0
    shared = np.ptp(in_both @ one.axes_ras, axis=0)
    widths = np.minimum(
        np.ptp(points @ one.axes_ras, axis=0), np.ptp(theirs @ one.axes_ras, axis=0)
    )
    least = int(np.argmin(shared / widths))
    return max(float(shared[least]), 1e-3), float(widths[least])


def _lattice(grid: Grid) -> NDArray[np.float64]:
    """Return points all over a field of view, RAS mm, shape (N, 3)."""
    steps = np.meshgrid(*[np.linspace(0, 1, _LATTICE)] * 3)
    fractions = np.stack(steps, axis=-1).reshape(-1, 3)
    return grid.to_ras_mm(fractions * (np.array(grid.shape) - 1))
