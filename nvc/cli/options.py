"""Options that several commands share, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nvc.errors import InputError

if TYPE_CHECKING:
    from nvc.io.doors.reading import Use

T2Option = Annotated[
    Path | None,
    typer.Option(
        "--t2", metavar="P", help="T2 cisternography: a NIfTI file or a DICOM folder."
    ),
]
TofOption = Annotated[
    Path | None,
    typer.Option(
        "--tof",
        metavar="P",
        help="Time-of-flight angiography: a NIfTI file or a DICOM folder.",
    ),
]
T1Option = Annotated[
    Path | None,
    typer.Option("--t1", metavar="P", help="T1: a NIfTI file or a DICOM folder."),
]
PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="Files or folders whose series' roles are guessed; PATH#2 is the second "
        "series of one, as nvc inspect counts.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for the report's files.")
]
LandmarksOption = Annotated[
    Path | None,
    typer.Option(
        "--landmarks",
        metavar="F",
        help="Landmarks that replace the proposed: landmarks.json, or points of 3D "
        "Slicer (.mrk.json, .fcsv).",
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="F.nii.gz",
        help="Measure this segmentation, made elsewhere.",
    ),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="F", help="Settings file, JSON or TOML."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="One setting, such as report.near_mm=0.8; may be repeated.",
    ),
]
ReviewOption = Annotated[
    Path | None,
    typer.Option(
        "--review",
        metavar="F.review",
        help="Measure as this review says: its inputs (looked for in PATH, or beside "
        "it), settings and corrections.",
    ),
]
DicomOption = Annotated[
    bool,
    typer.Option(
        "--dicom",
        help="Also write DICOM objects of the source's study (segmentation.dcm, "
        "measurements.dcm). They hold the patient's name and number, as an archive "
        "needs; no other output does.",
    ),
]
ReferenceDicomOption = Annotated[
    Path | None,
    typer.Option(
        "--reference-dicom",
        metavar="DIR",
        help="With --dicom, the DICOM series that a NIfTI reference was converted "
        "from; its voxels must be the same.",
    ),
]
UseSformOption = Annotated[
    bool,
    typer.Option(
        "--use-sform", help="Trust the sform of NIfTI files whose affines disagree."
    ),
]
UseQformOption = Annotated[
    bool,
    typer.Option(
        "--use-qform", help="Trust the qform of NIfTI files whose affines disagree."
    ),
]


def read_affine_choice(*, use_sform: bool, use_qform: bool) -> Use:
    """Return which of a NIfTI file's two affines to take.

    Raises
    ------
    InputError
        If both were chosen.
    """
    if use_sform and use_qform:
        raise InputError.of(
            "two-affines",
            "--use-sform and --use-qform",
            "exclude each other.",
            "Give one of them.",
        )
    if use_sform:
        return "sform"
    return "qform" if use_qform else "auto"
