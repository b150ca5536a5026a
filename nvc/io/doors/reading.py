"""What reading one series gives, before anything is decided about its role."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nvc.model.grid import Volume
    from nvc.model.study import SourcePlane

Use = Literal["auto", "sform", "qform"]
"""Which of a NIfTI file's two affines to take; ``"auto"`` demands agreement."""

NOT_MAGNITUDE = frozenset(
    {
        *("P", "PHASE", "PHASE MAP", "P_FFE", "P_SE", "P_TSE"),
        *("R", "REAL", "R_FFE", "R_SE", "I", "IMAGINARY", "I_FFE", "I_SE"),
    }
)
"""Image Type and Complex Image Component of what a scanner stores beside magnitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientKey:
    """Who a series is of, as digests that can be compared but not read.

    Parameters
    ----------
    patient_id, name, birth_date : str
        Digests; empty where the file does not tell.
    """

    patient_id: str = ""
    name: str = ""
    birth_date: str = ""

    @classmethod
    def of(cls, patient_id: str, name: str, birth_date: str) -> PatientKey:
        """Return the key of what a header says; nothing readable is kept."""
        return cls(
            patient_id=_digest(patient_id),
            name=_digest(name.replace("^", " ")),
            birth_date=_digest(birth_date),
        )

    def conflicts_with(self, other: PatientKey) -> bool:
        """Tell whether both keys are known and cannot be of one patient.

        Names count only where an identifier is missing: one patient's name is
        often spelt in two ways.
        """
        pairs = [
            (self.patient_id, other.patient_id),
            (self.birth_date, other.birth_date),
        ]
        if not (self.patient_id and other.patient_id):
            pairs.append((self.name, other.name))
        return any(mine and theirs and mine != theirs for mine, theirs in pairs)


def _digest(text: str) -> str:
    plain = " ".join(text.split()).casefold()
    return hashlib.sha256(plain.encode()).hexdigest() if plain else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceFacts:
    """What a header says of how a series was acquired.

    Parameters
    ----------
    words : tuple of str
        Lower-case words of the series' descriptions; only ever matched against a
        fixed vocabulary, never shown, since people type names into them.
    image_type : tuple of str
        DICOM Image Type, upper case.
    echo_time_ms, repetition_time_ms, inversion_time_ms : float or None
        As in the header.
    flip_angle_deg : float or None
        As in the header.
    is_steady_state, is_angiographic, is_diffusion : bool
        From Sequence Variant, Angio Flag and Diffusion b-value.
    """

    words: tuple[str, ...] = ()
    image_type: tuple[str, ...] = ()
    echo_time_ms: float | None = None
    repetition_time_ms: float | None = None
    inversion_time_ms: float | None = None
    flip_angle_deg: float | None = None
    is_steady_state: bool = False
    is_angiographic: bool = False
    is_diffusion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One series as it was read, in its own storage order.

    Parameters
    ----------
    volume : Volume
        Float32 intensities with slopes applied, true RAS mm.
    sha256 : str
        As in `nvc.model.study.Series`.
    whole_file_sha256 : str
        What older versions took for it, where the file holds more than was read; else
        empty.
    orientation_source : str
        ``"dicom"``, ``"sform"`` or ``"qform"``.
    file_format : str
        ``"DICOM"`` or ``"NIfTI"``.
    facts : SequenceFacts
        For guessing the role.
    patient : PatientKey
        Empty for NIfTI.
    warnings : tuple of str
        What a reader should know, in plain words.
    planes : tuple of SourcePlane
        As in `nvc.model.study.Series`.
    """

    volume: Volume
    sha256: str
    orientation_source: str
    file_format: str
    whole_file_sha256: str = ""
    facts: SequenceFacts = field(default_factory=SequenceFacts)
    patient: PatientKey = field(default_factory=PatientKey)
    warnings: tuple[str, ...] = ()
    planes: tuple[SourcePlane, ...] = ()
