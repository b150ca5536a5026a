"""What is wrong between the series of a study, where each by itself is fine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import Problem

if TYPE_CHECKING:
    from nvc.io.doors.reading import PatientKey
    from nvc.io.study.inspection import FoundSeries
    from nvc.model.study import Series

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
        if _is_copy(one.found, other.found):
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


def _is_copy(one: FoundSeries, other: FoundSeries) -> bool:
    if one.series is None or other.series is None:
        return False
    if one.sha256 == other.sha256:
        return True
    first, second = one.series.volume, other.series.volume
    return first.grid.shape == second.grid.shape and np.array_equal(
        first.voxels, second.voxels
    )


def find_study_warnings(known: Sequence[Known]) -> list[str]:
    """Say where series do not share a coordinate system or a place."""
    checks: tuple[tuple[Callable[[Series, Series], bool], str], ...] = (
        (
            _other_frame,
            "have different frames of reference: they are matched by image alone",
        ),
        (_apart, "do not overlap where the scanner's coordinates put them"),
    )
    used = [k.found.series for k in known if k.found.series is not None]
    return [
        f"{one.role.upper()} and {other.role.upper()} {text}"
        for one, other in combinations(used, 2)
        for check, text in checks
        if check(one, other)
    ]


def _other_frame(one: Series, other: Series) -> bool:
    mine = one.volume.grid.frame_of_reference_uid
    theirs = other.volume.grid.frame_of_reference_uid
    return bool(mine and theirs and mine != theirs)


def _apart(one: Series, other: Series) -> bool:
    """Tell whether no point of a coarse lattice in one lies in the other."""
    grid = one.volume.grid
    fractions = np.stack(np.meshgrid(*[np.linspace(0, 1, 17)] * 3), axis=-1)
    points = grid.to_ras_mm(fractions * (np.array(grid.shape) - 1))
    return not bool(other.volume.grid.contains(points).any())
