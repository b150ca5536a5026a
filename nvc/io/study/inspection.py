"""What was found among the given files, for people and programs to look at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nvc.errors import InputError, Problem
from nvc.io.doors.folder import check_not_others, find_real_path, write_folder
from nvc.io.nifti.volume import serialise_volume
from nvc.model.study import SequenceRole

if TYPE_CHECKING:
    from nvc.model.grid import Grid
    from nvc.model.study import Series

_MOST_NAMED = 5
MEASURED_ROLES = (SequenceRole.T2, SequenceRole.TOF, SequenceRole.T1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundSeries:
    """One series among the given files.

    Parameters
    ----------
    source : str
        Which argument it came from: ``"--t2"``, or ``"PATH 1"`` for the first bare
        path; never a file name, since those may name a patient.
    role : SequenceRole
        Given or guessed.
    role_is_guessed : bool
        Whether it was guessed.
    role_reason : str
        What the guess rests on.
    file_format : str
        ``"DICOM"`` or ``"NIfTI"``.
    grid : Grid or None
        Where its voxels lie, as far as it is known.
    orientation_source, sha256 : str
        As in `nvc.model.study.Series`; empty where not known.
    series : Series or None
        What was read; None where it could not be or is not used.
    problems : tuple of Problem
        Why it cannot be used.
    is_needed : bool
        Whether a problem with it stops a measurement: it was asked for, or looks like
        a sequence that would be used.
    warnings : tuple of str
        What a reader should know about it.
    """

    source: str
    role: SequenceRole
    role_is_guessed: bool = False
    role_reason: str = ""
    file_format: str
    grid: Grid | None = None
    orientation_source: str = ""
    sha256: str = ""
    series: Series | None = None
    problems: tuple[Problem, ...] = ()
    is_needed: bool = True
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values without paths or identifiers."""
        grid = self.grid
        return {
            "source": self.source,
            "format": self.file_format,
            "role": str(self.role),
            "role_is_guessed": self.role_is_guessed,
            "role_reason": self.role_reason,
            "shape": grid and list(grid.shape),
            "voxel_size_mm": grid and [round(size, 6) for size in grid.voxel_size_mm],
            "orientation": grid and grid.axis_codes,
            "orientation_source": self.orientation_source or None,
            "voxel_to_ras_mm": grid and grid.voxel_to_ras_mm.tolist(),
            "sha256": self.sha256 or None,
            "is_used": self.series is not None,
            "problems": [_plain(problem, self.source) for problem in self.problems],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """Everything that was found, with what is wrong gathered rather than raised.

    Parameters
    ----------
    series : tuple of FoundSeries
        In the order given.
    problems : tuple of Problem
        Wrong with the files as a whole: two patients, one file in two roles ...
    warnings : tuple of str
        Findings about the study, and what was passed over.
    inputs : tuple of Path
        What was given; never part of an output, only guarded against overwriting.
    closed : tuple of Path
        What may not be read; never part of an output either, as files and folders are
        named after patients.
    """

    series: tuple[FoundSeries, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = field(default=(), repr=False)
    closed: tuple[Path, ...] = field(default=(), repr=False)

    @property
    def blocking_problems(self) -> tuple[Problem, ...]:
        """What stops a measurement: of the study, then of each series it needs."""
        needed = [found for found in self.series if found.is_needed]
        return (*self.problems, *(p for found in needed for p in found.problems))

    @property
    def is_measurable(self) -> bool:
        """Whether ``nvc measure`` would accept the same arguments."""
        roles = {found.role for found in self.series if found.series is not None}
        return not self.blocking_problems and bool(
            roles & {SequenceRole.T2, SequenceRole.T1}
        )

    def name_closed(self) -> str:
        """Name what may not be read, to who asked what is there; empty for nothing."""
        named = ", ".join(str(path) for path in self.closed[:_MOST_NAMED])
        further = len(self.closed) - _MOST_NAMED
        shown = "".join(one if one.isprintable() else "?" for one in named)
        return shown + (f" and {further} more" if further > 0 else "")

    def to_json(self) -> dict[str, Any]:
        """Return plain values without paths or identifiers."""
        return {
            "schema": "nvc-inspection/1",
            "is_measurable": self.is_measurable,
            "series": [found.to_json() for found in self.series],
            "problems": [_plain(problem, "study") for problem in self.problems],
            "warnings": list(self.warnings),
        }


def write_inspected(inspection: Inspection, out_dir: Path) -> tuple[Path, ...]:
    """Write each volume as it was understood: ``t2.nii.gz``, ``tof.nii.gz`` ...

    The files hold geometry and intensities, nothing else, in the storage order of the
    input. They are written all or not at all.

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    InputError
        If there is nothing to write, two series share a role, or the folder cannot be
        written to.
    """
    chosen = [
        found.series
        for found in inspection.series
        if found.series is not None and found.role in MEASURED_ROLES
    ]
    _require_one_a_role([series.role for series in chosen], str(out_dir))
    paths = [out_dir / f"{series.role}.nii.gz" for series in chosen]
    for path in paths:
        _require_not_an_input(path, inspection.inputs)
    files = {
        path.name: serialise_volume(series.volume)
        for path, series in zip(paths, chosen, strict=True)
    }
    check_not_others(out_dir, files)
    return tuple(write_folder(files, out_dir, last=paths[-1].name).values())


def _require_not_an_input(path: Path, inputs: tuple[Path, ...]) -> None:
    if not os.path.exists(path):
        return
    target = find_real_path(path)
    given = [find_real_path(one) for one in inputs]
    if any(one == target or one in target.parents for one in given):
        raise InputError.of(
            "output-is-input",
            str(path),
            "is one of the files that were read; it is not overwritten.",
            "Choose another folder with --out.",
        )


def _require_one_a_role(roles: Sequence[SequenceRole], where: str) -> None:
    if not roles:
        raise InputError.of(
            "nothing-to-write", where, "no T2, TOF or T1 could be read."
        )
    doubled = sorted({str(role) for role in roles if roles.count(role) > 1})
    if doubled:
        raise InputError.of(
            "role-taken-twice",
            where,
            f"several series look like {doubled[0].upper()}.",
            f"Name one with --{doubled[0]}.",
        )


def _plain(problem: Problem, source: str) -> dict[str, str]:
    return {
        "code": problem.code,
        "source": source,
        "reason": problem.reason,
        "remedy": problem.remedy,
    }
