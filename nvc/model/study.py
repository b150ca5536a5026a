"""What was given: series with their roles, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nvc.model.grid import Volume


class SequenceRole(StrEnum):
    """What a series is for."""

    T2 = "t2"
    TOF = "tof"
    T1 = "t1"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlane:
    """The image that one plane of a DICOM volume was read from.

    Parameters
    ----------
    path : Path
        Its file; shown to nobody, since file names may hold identifiers.
    frame : int
        Zero-based frame within the file.
    sop_uid : str
        SOP Instance UID of the file.
    """

    path: Path
    frame: int
    sop_uid: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One volume as it was read, in its own storage order.

    Parameters
    ----------
    role : SequenceRole
        What it is used for.
    volume : Volume
        Intensities and geometry as stored.
    sha256 : str
        Of the NIfTI file's bytes; for DICOM, of the sorted sha256 of its slices.
    orientation_source : str
        ``"dicom"``, ``"sform"`` or ``"qform"``: what left and right rest on.
    name : str
        A neutral label (for example ``"T2 (NIfTI)"``); never a patient identifier.
    warnings : tuple of str
        What a reader should know about it, in plain words.
    role_is_guessed : bool
        Whether the role was guessed from the header rather than given.
    planes : tuple of SourcePlane
        Where the planes of a DICOM volume were read from, in the order of its last
        axis; empty for other formats.
    """

    role: SequenceRole
    volume: Volume
    sha256: str
    orientation_source: str
    name: str
    warnings: tuple[str, ...] = ()
    role_is_guessed: bool = False
    planes: tuple[SourcePlane, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """The series of one patient, at most one a role.

    Parameters
    ----------
    series : mapping of SequenceRole to Series
        Must hold T2 or T1 to be measurable.
    warnings : tuple of str
        Findings about the study as a whole (for example differing frames).
    """

    series: Mapping[SequenceRole, Series]
    warnings: tuple[str, ...] = ()

    @property
    def reference_role(self) -> SequenceRole:
        """T2 where given, else T1: the volume whose world all results use."""
        return SequenceRole.T2 if SequenceRole.T2 in self.series else SequenceRole.T1
