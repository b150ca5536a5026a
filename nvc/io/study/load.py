"""The files of one patient as a `Study`, or as a list of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from nvc.errors import InputError, Problem
from nvc.io.doors.reading import Use
from nvc.io.study.between import (
    SEVERAL_PATIENTS,
    Known,
    find_study_problems,
    find_study_warnings,
    is_copy,
    is_same_image,
)
from nvc.io.study.inspection import (
    MEASURED_ROLES,
    FoundSeries,
    Inspection,
    write_inspected,
)
from nvc.io.study.meant import NOT_ASKED_FOR, narrow, tell_roles
from nvc.io.study.roles import (
    RoleGuess,
    find_contradiction,
    guess_from_header,
    guess_role,
)
from nvc.io.study.sources import Candidate, Source, list_source
from nvc.model.study import SequenceRole, Series, Study
from nvc.settings.input import InputSettings

__all__ = ["list_series", "load_study", "write_inspected"]

AnyPath = str | PathLike[str]
_DEFAULTS = InputSettings()
_NO_VOLUME = {"dicom-image", "too-few-slices"}
"""Codes of problems of screenshots, reports and scouts."""


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
        mixed = [problem for problem in problems if problem.code == SEVERAL_PATIENTS]
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
        Source.of(f"--{role}", path, role)
        for role, path in given.items()
        if path is not None
    ]
    sources += [Source.of(f"PATH {n}", path) for n, path in enumerate(paths, start=1)]
    if not sources:
        raise InputError.of(
            "no-input", "input", "no file was given.", "Give --t2, --tof, --t1 or PATH."
        )
    known: list[Known] = []
    problems: list[Problem] = []
    notes: list[str] = []
    closed: list[Path] = []
    for source in sources:
        listing = list_source(source, use, settings)
        chosen, unclear = narrow(source, listing.candidates)
        problems += [*listing.problems, *unclear]
        notes += listing.notes
        closed += listing.closed
        known += [_look(candidate) for candidate in tell_roles(chosen, source)]
    known = _spared(_settled(_without_copies(known, settings), settings), settings)
    return Inspection(
        series=tuple(one.found for one in known),
        problems=(*problems, *find_study_problems(known)),
        warnings=(*notes, *find_study_warnings(known, settings)),
        inputs=tuple(source.path for source in sources),
        closed=tuple(closed),
    )


def _look(candidate: Candidate) -> Known:
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
    return Known(found=found, where=candidate.where, patient=candidate.patient)


def _is_needed(candidate: Candidate, role: SequenceRole) -> bool:
    codes = {problem.code for problem in candidate.problems}
    if NOT_ASKED_FOR in codes:
        return False
    if candidate.role is not None or candidate.is_alone:
        return True
    # What is no MR volume at all would not have been used, whatever it is called.
    return role in MEASURED_ROLES and not (codes and codes <= _NO_VOLUME)


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
        planes=reading.planes,
    )
    return replace(found, series=series)


def _settled(known: Sequence[Known], settings: InputSettings) -> list[Known]:
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
        elif (
            _is_fine(one.found, settings)
            or not any(_is_fine(rival, settings) for rival in rivals)
            or any(is_same_image(one.found, rival) for rival in rivals)
        ):
            settled.append(one)
        else:
            settled.append(_unused(one, f"a {role.upper()} with finer voxels is there"))
    return settled


def _without_copies(known: Sequence[Known], settings: InputSettings) -> list[Known]:
    """Set aside what was sent twice, as long as nobody gave it a role."""
    kept: list[Known] = []
    for one in known:
        is_sent_again = one.found.role_is_guessed and any(
            one.found.role is other.found.role
            and is_copy(one.found, other.found, settings)
            for other in kept
        )
        kept.append(_unused(one, "a copy of another series") if is_sent_again else one)
    return kept


def _spared(known: Sequence[Known], settings: InputSettings) -> list[Known]:
    """Let a series that cannot be used go, where a fine one in its role can.

    A coarse one is no replacement: what is damaged may be the one that was meant.
    """
    used = [k.found for k in known if k.found.series is not None]
    filled = {found.role for found in used}
    fine = {found.role for found in used if _is_fine(found, settings)}

    def is_spared(found: FoundSeries) -> bool:
        codes = {problem.code for problem in found.problems}
        replaced = filled if codes <= _NO_VOLUME else fine
        return found.role_is_guessed and bool(codes) and found.role in replaced

    return [
        replace(one, found=replace(one.found, is_needed=False))
        if is_spared(one.found)
        else one
        for one in known
    ]


def _is_fine(found: FoundSeries, settings: InputSettings) -> bool:
    return found.grid is not None and max(found.grid.voxel_size_mm) <= (
        settings.max_slice_mm * (1 + settings.voxel_size_tolerance)
    )


def _unused(known: Known, why: str) -> Known:
    found = replace(
        known.found,
        role=SequenceRole.OTHER,
        role_reason=f"not used: {why}",
        series=None,
    )
    return replace(known, found=found)
