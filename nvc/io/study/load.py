"""The files of one patient as a `Study`, or as a list of what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from os import PathLike
from pathlib import Path

import numpy as np

from nvc.errors import InputError, Problem
from nvc.io.doors.reading import PatientKey, Use
from nvc.io.study.inspection import (
    MEASURED_ROLES,
    FoundSeries,
    Inspection,
    write_inspected,
)
from nvc.io.study.roles import (
    RoleGuess,
    find_contradiction,
    guess_from_header,
    guess_role,
)
from nvc.io.study.sources import Candidate, Source, list_source, read_told_roles
from nvc.model.study import SequenceRole, Series, Study
from nvc.settings.input import InputSettings

__all__ = ["list_series", "load_study", "write_inspected"]

AnyPath = str | PathLike[str]
_DEFAULTS = InputSettings()
_ASIDE = "not-asked-for"
_PATIENTS = "several-patients"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Known:
    """A found series with what must not leave this module."""

    found: FoundSeries
    where: str
    patient: PatientKey


def load_study(
    *,
    t2: AnyPath | None = None,
    tof: AnyPath | None = None,
    t1: AnyPath | None = None,
    paths: Iterable[AnyPath] = (),
    settings: InputSettings = _DEFAULTS,
    use: Use = "auto",
) -> Study:
    """Read the series of one patient.

    Parameters
    ----------
    t2, tof, t1 : path, optional
        A NIfTI file, or a folder of DICOM files.
    paths : iterable of path
        Files or folders whose series' roles are guessed, or told by a `ChosenPath`.
    settings : InputSettings
        Limits.
    use : {"auto", "sform", "qform"}
        Which affine of NIfTI files to take; ``"auto"`` demands that both agree.

    Returns
    -------
    Study
        With a T2 or a T1 at least, and one series a role at most.

    Raises
    ------
    InputError
        With everything that was found wrong.
    """
    inspection = list_series(
        t2=t2, tof=tof, t1=t1, paths=paths, settings=settings, use=use
    )
    problems = inspection.blocking_problems
    if problems:
        # Two patients make every further finding about the study meaningless.
        mixed = [problem for problem in problems if problem.code == _PATIENTS]
        raise InputError(*(mixed[:1] or problems))
    series = {
        found.role: found.series
        for found in inspection.series
        if found.series is not None
    }
    if not inspection.is_measurable:
        raise InputError.of(
            "no-reference",
            ", ".join(str(path) for path in inspection.inputs),
            "neither a T2 nor a T1 was found among the given files.",
            "Name one with --t2 or --t1.",
        )
    left_out = tuple(
        f"{found.source} was left out: {problem.reason}"
        for found in inspection.series
        for problem in found.problems
    )
    return Study(series=series, warnings=(*inspection.warnings, *left_out))


def list_series(
    *,
    t2: AnyPath | None = None,
    tof: AnyPath | None = None,
    t1: AnyPath | None = None,
    paths: Iterable[AnyPath] = (),
    settings: InputSettings = _DEFAULTS,
    use: Use = "auto",
) -> Inspection:
    """List every series among the given files; parameters as `load_study`.

    Returns
    -------
    Inspection
        Problems are gathered in it, none is raised.

    Raises
    ------
    InputError
        Only if no path was given at all.
    """
    given = {SequenceRole.T2: t2, SequenceRole.TOF: tof, SequenceRole.T1: t1}
    sources = [
        Source(label=f"--{role}", path=Path(path), role=role)
        for role, path in given.items()
        if path is not None
    ]
    sources += [
        Source(label=f"PATH {n}", path=Path(path), roles=read_told_roles(path))
        for n, path in enumerate(paths, start=1)
    ]
    if not sources:
        raise InputError.of(
            "no-input", "input", "no file was given.", "Give --t2, --tof, --t1 or PATH."
        )
    known: list[_Known] = []
    problems: list[Problem] = []
    notes: list[str] = []
    for source in sources:
        listing = list_source(source, use, settings)
        chosen, unclear = _narrowed(source, listing.candidates)
        problems += [*listing.problems, *unclear]
        notes += listing.notes
        known += [_look(candidate) for candidate in _told(chosen, source)]
    known = _settled(known, settings)
    return Inspection(
        series=tuple(one.found for one in known),
        problems=(*problems, *_study_problems(known)),
        warnings=(*notes, *_study_warnings(known)),
        inputs=tuple(source.path for source in sources),
    )


def _narrowed(
    source: Source, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], list[Problem]]:
    """Where a role was given for a folder of several series, find the one meant."""
    if source.role is None or len(candidates) < 2:
        return list(candidates), []
    guesses = [guess_from_header(candidate.facts) for candidate in candidates]
    fitting = [
        candidate
        for candidate, guess in zip(candidates, guesses, strict=True)
        if guess is not None and guess.role is source.role
    ]
    if len(fitting) == 1:
        others = [replace(c, role=None) for c in candidates if c is not fitting[0]]
        return [fitting[0], *(_aside(c, source.label) for c in others)], []
    problem = Problem(
        code="several-series",
        where=source.where,
        reason=f"holds {len(candidates)} series, and which is the "
        f"{source.role.upper()} is not clear.",
        remedy="Give a folder with one series.",
    )
    return [_aside(replace(c, role=None), source.label) for c in candidates], [problem]


def _told(candidates: Sequence[Candidate], source: Source) -> list[Candidate]:
    """Give series the roles that a person chose; set aside those without use."""
    told = []
    for number, candidate in enumerate(candidates, start=1):
        role = source.roles.get(number, candidate.role)
        if role is SequenceRole.OTHER:
            told.append(_aside(replace(candidate, role=None), source.label))
        else:
            told.append(replace(candidate, role=role))
    return told


def _aside(candidate: Candidate, label: str) -> Candidate:
    """Mark a series beside the one asked for, so that it is listed but not used."""
    problem = Problem(
        code=_ASIDE,
        where=candidate.where,
        reason=f"is another series in the folder of {label}; it is not used.",
    )
    return replace(candidate, problems=(problem,))


def _look(candidate: Candidate) -> _Known:
    """Read a candidate if it may be used, and say what it is."""
    guess = guess_from_header(candidate.facts)
    role = candidate.role or (guess.role if guess else SequenceRole.OTHER)
    found = FoundSeries(
        source=candidate.label,
        role=role,
        role_is_guessed=candidate.role is None,
        role_reason=guess.reason if candidate.role is None and guess else "",
        file_format=candidate.file_format,
        grid=candidate.grid,
        orientation_source="dicom" if candidate.file_format == "DICOM" else "",
        problems=candidate.problems,
        is_needed=_is_needed(candidate, role),
    )
    not_for_us = candidate.role is None and guess and role is SequenceRole.OTHER
    if not (candidate.problems or not_for_us):
        found = _read(candidate, found, guess)
    return _Known(found=found, where=candidate.where, patient=candidate.patient)


def _is_needed(candidate: Candidate, role: SequenceRole) -> bool:
    if any(problem.code == _ASIDE for problem in candidate.problems):
        return False
    return candidate.role is not None or candidate.is_alone or role in MEASURED_ROLES


def _read(
    candidate: Candidate, found: FoundSeries, guess: RoleGuess | None
) -> FoundSeries:
    try:
        reading = candidate.read()
    except InputError as error:
        return replace(found, problems=error.problems)
    role, reason = found.role, found.role_reason
    warnings = reading.warnings
    if candidate.role is not None:
        doubt = find_contradiction(reading.facts, candidate.role)
        warnings += (doubt,) if doubt else ()
    elif guess is None:
        role, reason = guess_role(reading.facts, reading.volume)
    found = replace(
        found,
        role=role,
        role_reason=reason,
        grid=reading.volume.grid,
        orientation_source=reading.orientation_source,
        sha256=reading.sha256,
        warnings=warnings,
    )
    if role not in MEASURED_ROLES:
        return found
    series = Series(
        role=role,
        volume=reading.volume,
        sha256=reading.sha256,
        orientation_source=reading.orientation_source,
        name=f"{role.upper()} ({reading.file_format})",
        warnings=warnings,
        role_is_guessed=found.role_is_guessed,
    )
    return replace(found, series=series)


def _settled(known: Sequence[_Known], settings: InputSettings) -> list[_Known]:
    """Give way to roles that were given, and to the one fine series of a role."""
    given = {k.found.role for k in known if not k.found.role_is_guessed}
    settled = []
    for one in known:
        role = one.found.role
        rivals = [
            k.found
            for k in known
            if k is not one and k.found.role is role and k.found.series is not None
        ]
        if not one.found.role_is_guessed or one.found.series is None:
            settled.append(one)
        elif role in given:
            settled.append(_unused(one, f"another {role.upper()} was given"))
        elif _is_fine(one.found, settings) or not any(
            _is_fine(rival, settings) for rival in rivals
        ):
            settled.append(one)
        else:
            settled.append(_unused(one, f"a {role.upper()} with finer voxels is there"))
    return settled


def _is_fine(found: FoundSeries, settings: InputSettings) -> bool:
    return found.grid is not None and max(found.grid.voxel_size_mm) <= (
        settings.max_slice_mm * (1 + settings.voxel_size_tolerance)
    )


def _unused(known: _Known, why: str) -> _Known:
    found = replace(
        known.found,
        role=SequenceRole.OTHER,
        role_reason=f"not used: {why}",
        series=None,
    )
    return replace(known, found=found)


def _study_problems(known: Sequence[_Known]) -> list[Problem]:
    """Find what is wrong between series: patients, copies, roles taken twice."""
    problems = []
    for one, other in combinations(known, 2):
        if one.patient.conflicts_with(other.patient):
            problems.append(
                _between(
                    _PATIENTS,
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


def _between(
    code: str, pair: tuple[_Known, _Known], reason: str, remedy: str
) -> Problem:
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


def _study_warnings(known: Sequence[_Known]) -> list[str]:
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
