"""From a path that the user gave to the series that can be read from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from nvc.errors import InputError, Problem
from nvc.io.dicom.folder import FolderContent, scan_file, scan_folder
from nvc.io.dicom.header import ImagePlane, is_dicom
from nvc.io.dicom.joining import find_fragments, join_stacks
from nvc.io.dicom.parting import part_stacks
from nvc.io.dicom.volume import arrange_stack, read_stack
from nvc.io.doors.gates import require_readable, tell_path_kind
from nvc.io.doors.reading import PatientKey, Reading, SequenceFacts, Use
from nvc.io.nifti.volume import read_nifti

if TYPE_CHECKING:
    from nvc.model.grid import Grid
    from nvc.model.study import SequenceRole
    from nvc.settings.input import InputSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPath:
    """A path whose series have roles that a person chose; usable wherever a path is.

    Parameters
    ----------
    path : Path
        A file or folder.
    roles : mapping of int to SequenceRole
        By the number of the series in it, from 1; ``OTHER`` leaves a series out, and
        what is not named keeps its guess.
    """

    path: Path
    roles: Mapping[int, SequenceRole]

    def __fspath__(self) -> str:
        return str(self.path)


def read_told_roles(path: str | PathLike[str]) -> Mapping[int, SequenceRole]:
    """Return the roles that come with a path; none with a plain one."""
    return path.roles if isinstance(path, ChosenPath) else {}


_SERIES_MARK = "#"
_MOST_DIGITS = 9


def split_series(path: str | PathLike[str]) -> tuple[Path, int | None]:
    """Take ``scan.dcm#2`` apart: the second series in it, as `nvc inspect` counts.

    Returns
    -------
    path : Path
        Without the number. A file that has such a name itself is that file, and a
        number without a path is no path.
    number : int or None
        From 1; None where none was named.
    """
    whole = Path(path)
    head, mark, number = str(whole).rpartition(_SERIES_MARK)
    is_number = number.isdecimal() and len(number) <= _MOST_DIGITS
    if head and mark and is_number and tell_path_kind(whole) == "missing":
        return Path(head), int(number)
    return whole, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One path as the user gave it.

    Parameters
    ----------
    label : str
        ``"--t2"``, or ``"PATH 1"`` for the first bare path.
    path : Path
        As typed.
    role : SequenceRole or None
        As given; None for a bare path.
    roles : mapping of int to SequenceRole
        Of its series, as `ChosenPath` tells them.
    number : int or None
        Of the one series in it that is meant, from 1.
    """

    label: str
    path: Path
    role: SequenceRole | None = None
    roles: Mapping[int, SequenceRole] = field(default_factory=dict)
    number: int | None = None

    @classmethod
    def of(
        cls, label: str, path: str | PathLike[str], role: SequenceRole | None = None
    ) -> Source:
        """Return a path as it was typed, with what comes with it."""
        whole, number = split_series(path)
        roles = read_told_roles(path)
        return cls(label=label, path=whole, role=role, roles=roles, number=number)

    @property
    def where(self) -> str:
        """How errors name it."""
        return str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A series that can be read; only its header has been looked at.

    Parameters
    ----------
    label : str
        The source's label, with a number where the source holds several.
    where : str
        How errors name it.
    role : SequenceRole or None
        As given.
    file_format : str
        ``"DICOM"`` or ``"NIfTI"``.
    read : callable
        Reads it; raises `InputError`.
    facts, patient, grid
        From the header, as far as known before reading.
    is_alone : bool
        Whether its source holds nothing else.
    problems : tuple of Problem
        Why it is known to be unusable already.
    """

    label: str
    where: str
    role: SequenceRole | None
    file_format: str
    read: Callable[[], Reading]
    facts: SequenceFacts = field(default_factory=SequenceFacts)
    patient: PatientKey = field(default_factory=PatientKey)
    grid: Grid | None = None
    is_alone: bool = True
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing:
    """What a source holds."""

    candidates: tuple[Candidate, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    closed: tuple[Path, ...] = ()


def list_source(source: Source, use: Use, settings: InputSettings) -> Listing:
    """List the series at a path: a NIfTI file, a DICOM file, or a folder of either.

    Problems are gathered, not raised.
    """
    try:
        content = _content(source, settings)
    except InputError as error:
        return Listing(problems=error.problems)
    parted, told_apart = part_stacks(content.stacks, settings)
    joined, notes = join_stacks(parted, settings)
    hopeless = find_fragments(joined, source.where, settings)
    if hopeless and not content.nifti:
        problems = (*content.problems, *hopeless)
        return Listing(problems=problems, closed=content.closed)
    stacks, fragments = _without_fragments(joined, settings)
    count = len(stacks) + len(content.nifti)
    candidates = [
        _dicom(source, stack, _numbered(source.label, n, count), settings)
        for n, stack in enumerate(stacks, start=1)
    ]
    candidates += [
        _nifti(source, path, _numbered(source.label, n, count), use, settings)
        for n, path in enumerate(content.nifti, start=len(stacks) + 1)
    ]
    return Listing(
        candidates=tuple(candidates),
        problems=content.problems,
        closed=content.closed,
        notes=tuple(
            f"{source.label}: {note}"
            for note in (*content.notes, *told_apart, *notes, *fragments)
        ),
    )


def _content(source: Source, settings: InputSettings) -> FolderContent:
    if tell_path_kind(source.path) == "folder":
        return scan_folder(source.path, where=source.where, settings=settings)
    _require_named(source)
    require_readable(source.path, source.where, max_bytes=settings.max_bytes)
    if is_dicom(source.path):
        return scan_file(source.path, where=source.where)
    return FolderContent(stacks=(), nifti=(source.path,))


def require_there(path: str | PathLike[str]) -> None:
    """Refuse a path, with or without a number, that leads to nothing.

    Raises
    ------
    InputError
        If there is no such file or folder.
    """
    source = Source.of("PATH", path)
    _require_named(source)
    if tell_path_kind(source.path) != "folder":
        require_readable(source.path, source.where, max_bytes=sys.maxsize)


def _require_named(source: Source) -> None:
    """Say what a number of a series means where there is nothing that it counts in."""
    if tell_path_kind(source.path) != "missing":
        return
    number = source.where.removeprefix(_SERIES_MARK)
    if source.number is not None:
        raise InputError.of(
            "not-found",
            source.where,
            f"there is no such file or folder; its series {source.number} was meant.",
        )
    if number != source.where and number.isdecimal():
        raise InputError.of(
            "not-found",
            source.where,
            f"series {number} was meant, but of which file or folder is not said.",
            f'Write the path before it, such as "scan.dcm#{number}", or ".#{number}".',
        )


def _without_fragments(
    stacks: Sequence[tuple[ImagePlane, ...]], settings: InputSettings
) -> tuple[list[tuple[ImagePlane, ...]], tuple[str, ...]]:
    """Set aside localisers and strays of a few slices, if a proper stack is there."""
    whole = [stack for stack in stacks if len(stack) >= settings.min_slices]
    if not whole or len(whole) == len(stacks):
        return list(stacks), ()
    strays = sum(len(stack) for stack in stacks) - sum(len(stack) for stack in whole)
    return whole, (
        f"{strays} images in stacks of fewer than {settings.min_slices} were left out",
    )


def _numbered(label: str, number: int, count: int) -> str:
    return label if count == 1 else f"{label}, series {number} of {count}"


def _where(source: Source, label: str) -> str:
    """Name a series without naming its files, which may bear a patient's name."""
    return source.where + label.removeprefix(source.label)


def _dicom(
    source: Source, stack: tuple[ImagePlane, ...], label: str, settings: InputSettings
) -> Candidate:
    where = _where(source, label)
    grid = None
    problems: tuple[Problem, ...] = ()
    try:
        _, grid, _ = arrange_stack(stack, where=where, settings=settings)
    except InputError as error:
        problems = error.problems
    return Candidate(
        label=label,
        where=where,
        role=source.role,
        file_format="DICOM",
        read=lambda: read_stack(stack, where=where, settings=settings),
        facts=stack[0].facts,
        patient=stack[0].patient,
        grid=grid,
        is_alone=label == source.label,
        problems=problems,
    )


def _nifti(
    source: Source, path: Path, label: str, use: Use, settings: InputSettings
) -> Candidate:
    where = _where(source, label)
    return Candidate(
        label=label,
        where=where,
        role=source.role,
        file_format="NIfTI",
        read=lambda: read_nifti(path, where=where, use=use, settings=settings),
        facts=SequenceFacts(words=(path.name.lower(),)),
        is_alone=label == source.label,
    )
