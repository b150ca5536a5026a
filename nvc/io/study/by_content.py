"""The inputs of a review, found again by what is in them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nvc.errors import InputError
from nvc.io.dicom.header import is_dicom
from nvc.io.doors.gates import can_read, tell_path_kind
from nvc.io.doors.walk import Walk
from nvc.io.study.inspection import MEASURED_ROLES
from nvc.io.study.load import load_study
from nvc.io.study.roles import guess_role
from nvc.io.study.sources import ChosenPath, Source, list_source, split_series
from nvc.model.study import SequenceRole, Study
from nvc.settings.input import InputSettings

if TYPE_CHECKING:
    from nvc.io.doors.reading import Reading, Use

_DEFAULTS = InputSettings()
_MAX_FILES = 20_000
_MAX_DEPTH = 4
_BLOCK = 1 << 20
_HEADER_SIZES = {
    struct.pack(order + "i", size) for order in "<>" for size in (348, 540)
}
"""How a NIfTI file begins that is not compressed."""
_PLACE = "PATH "
Located = tuple[Path, int, int]
"""A path, the number of the series in it, from 1, and how many there are."""


def load_inputs(
    wanted: Mapping[SequenceRole, str],
    places: Iterable[Path],
    *,
    settings: InputSettings = _DEFAULTS,
    use: Use = "auto",
) -> tuple[Study, tuple[Path, ...]]:
    """Find series by their sha256 and read them in their roles.

    Parameters
    ----------
    wanted : mapping of SequenceRole to str
        The digest of each series, as in `nvc.model.study.Series`.
    places : iterable of Path
        Files, and folders that are searched with their subfolders. The number of a
        series behind one is passed over: the digest says which is meant.
    settings : InputSettings
        Limits.
    use : {"auto", "sform", "qform"}
        Which affine of NIfTI files to take.

    Returns
    -------
    study : Study
        Exactly the series that were wanted.
    paths : tuple of Path
        Where they lie.

    Raises
    ------
    InputError
        If one was not found, or is wanted in two roles; the places are named.
    """
    searched = [split_series(place)[0] for place in places]
    if len(set(wanted.values())) < len(wanted):
        raise InputError.of(
            "same-image-twice",
            ", ".join(str(place) for place in searched) or "nowhere",
            "the review names one image in two roles.",
            "Give a review as the reading room wrote it.",
        )
    found: dict[str, Located] = {}
    for digest, where in _digests(searched, settings, use):
        if digest in wanted.values():
            found.setdefault(digest, where)
        if len(found) == len(set(wanted.values())):
            break
    missing = [role for role, digest in wanted.items() if digest not in found]
    if missing:
        names = ", ".join(role.upper() for role in missing)
        raise InputError.of(
            "input-not-found",
            ", ".join(str(place) for place in searched) or "nowhere",
            f"no file here is the {names} of this review{_closed(searched)}.",
            "Name the folder that holds it, unchanged.",
        )
    chosen: dict[Path, dict[int, SequenceRole]] = {}
    for role, digest in wanted.items():
        path, number, count = found[digest]
        others = dict.fromkeys(range(1, count + 1), SequenceRole.OTHER)
        chosen.setdefault(path, others)[number] = role
    paths = [ChosenPath(path=path, roles=roles) for path, roles in chosen.items()]
    study = load_chosen(paths, settings=settings, use=use)
    # A review goes on under the digests that it began with, older ones too.
    series = {r: replace(s, sha256=wanted[r]) for r, s in study.series.items()}
    return replace(study, series=series), tuple(chosen)


def load_chosen(
    paths: Iterable[ChosenPath],
    *,
    settings: InputSettings = _DEFAULTS,
    use: Use = "auto",
) -> Study:
    """Read series whose roles were all chosen; the same study wherever they lie.

    What `load_study` tells of the places themselves (which series was left out) is
    dropped: it would make two readings of one study differ.

    Parameters
    ----------
    paths : iterable of ChosenPath
        With a role for every series.
    settings, use
        As `load_study`.

    Raises
    ------
    InputError
        As `load_study`.
    """
    study = load_study(paths=paths, settings=settings, use=use)
    kept = tuple(w for w in study.warnings if not w.startswith(_PLACE))
    return Study(series=study.series, warnings=kept)


def _digests(
    places: list[Path], settings: InputSettings, use: Use
) -> Iterator[tuple[str, Located]]:
    """Go through NIfTI files first: their digest is quick."""
    folders: list[Path] = []
    singles = [place for place in places if tell_path_kind(place) == "file"]
    searched = [place for place in places if tell_path_kind(place) == "folder"]
    for path in (*singles, *(p for place in searched for p in _files(place))):
        if path.stat().st_size <= settings.max_bytes and _is_nifti(path):
            yield _file_sha256(path), (path, 1, 1)
    for place in searched:
        with suppress(InputError):  # it may not be read: another may hold the image
            folders += _below(place).folders()
    singles = [path for path in singles if is_dicom(path)]
    for path in (*singles, *folders):
        yield from _dicom_digests(path, settings, use)


def _dicom_digests(
    path: Path, settings: InputSettings, use: Use
) -> Iterator[tuple[str, Located]]:
    """Yield the digest of each series, then those that older versions took.

    These knew a stack of an enhanced file by the whole file: such a digest is good
    where one alone of the stacks can be what was measured.
    """
    listing = list_source(Source(label="PATH 1", path=path), use, settings)
    older: dict[str, list[Located]] = {}
    for number, candidate in enumerate(listing.candidates, start=1):
        if candidate.file_format != "DICOM" or candidate.problems:
            continue
        try:
            reading = candidate.read()
        except InputError:
            continue
        located = (path, number, len(listing.candidates))
        yield reading.sha256, located
        if reading.whole_file_sha256 and _may_be_measured(reading):
            older.setdefault(reading.whole_file_sha256, []).append(located)
    yield from ((digest, may[0]) for digest, may in older.items() if len(may) == 1)


def _may_be_measured(reading: Reading) -> bool:
    return guess_role(reading.facts, reading.volume).role in MEASURED_ROLES


def _below(place: Path) -> Walk:
    return Walk(place, str(place), max_files=_MAX_FILES, max_depth=_MAX_DEPTH)


def _files(place: Path) -> Iterator[Path]:
    """Yield a folder's files; where there are too many, those found until then."""
    try:
        yield from _below(place).files()
    except InputError:
        return


def _closed(places: Iterable[Path]) -> str:
    """Say how much could not be looked at."""
    count = 0
    for place in places:
        if tell_path_kind(place) != "folder":
            count += tell_path_kind(place) == "closed" or not can_read(place)
            continue
        walk = _below(place)
        with suppress(InputError):
            any(False for _ in walk.files())  # goes through all of them
        count += len(walk.closed)
    return f" ({count} x file or folder may not be read)" if count else ""


def _is_nifti(path: Path) -> bool:
    """Tell by the first bytes, whatever the name: NIfTI, or something compressed."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError:
        return False
    return start[:2] == b"\x1f\x8b" or start in _HEADER_SIZES


def _file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
