"""The DICOM images that a result belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom

from nvc.errors import GeometryError, InputError
from nvc.io.dicom.folder import scan_file, scan_folder
from nvc.io.dicom.header import is_dicom
from nvc.io.dicom.joining import join_stacks
from nvc.io.dicom.opening import silence_pydicom
from nvc.io.dicom.volume import arrange_stack, name_planes
from nvc.io.doors.gates import tell_path_kind

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from nvc.model.grid import Grid, Volume
    from nvc.model.study import Series, SourcePlane
    from nvc.settings.input import InputSettings

_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
_MAY_BE_EMPTY = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex"),
    *("StudyID", "StudyDate", "StudyTime", "AccessionNumber"),
    "ReferringPhysicianName",
)
"""Type 2 attributes: a source that leaves one out gets it without a value."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DicomSource:
    """Images of one volume, and the lattice that they form.

    Parameters
    ----------
    grid : Grid
        Axes column, row, slice, as `nvc.io.dicom.volume.read_stack` makes them.
    planes : tuple of SourcePlane
        In the order of the last axis.
    where : str
        How errors name it.
    """

    grid: Grid
    planes: tuple[SourcePlane, ...]
    where: str

    @property
    def frame_of_reference_uid(self) -> str:
        """Of all its images."""
        return self.grid.frame_of_reference_uid

    def read_headers(self) -> list[Dataset]:
        """Read the header of each file once, in the order of the planes.

        Raises
        ------
        InputError
            If a file is gone, is another than was measured, or lacks what an object
            of the same study needs.
        """
        headers: dict[Path, Dataset] = {}
        for plane in self.planes:
            if plane.path not in headers:
                headers[plane.path] = _read_header(plane, self.where)
        found = list(headers.values())
        if len(found) > 1 and any("NumberOfFrames" in one for one in found):
            raise _unfit(self.where, "is spread over several multi-frame files.")
        if not self.frame_of_reference_uid:
            raise _unfit(self.where, "has no Frame of Reference UID.")
        for header in found:
            _tell_thickness(header, self.grid.voxel_size_mm[2])
        if (
            len({(str(d.StudyInstanceUID), str(d.SeriesInstanceUID)) for d in found})
            > 1
        ):
            raise _unfit(self.where, "is of several series.")
        return found


def require_highdicom() -> None:
    """Refuse where the library that writes DICOM objects is not installed.

    Raises
    ------
    InputError
        Saying how to install it.
    """
    if util.find_spec("highdicom") is None:
        raise InputError.of(
            "no-highdicom",
            "--dicom",
            "highdicom is not installed.",
            'Run: python -m pip install "nvc-review[dicom]"',
        )


def find_source(
    series: Series, reference_dicom: Path | None, settings: InputSettings
) -> DicomSource:
    """Return the images that the measured reference was made of; all fit to be used.

    Parameters
    ----------
    series : Series
        The reference.
    reference_dicom : Path or None
        Where its images lie, for a reference that was read from another format.
    settings : InputSettings
        Limits.

    Raises
    ------
    InputError
        If there are none, or those given do not form the same lattice.
    """
    require_highdicom()
    if reference_dicom is not None:
        source = _find_alike(reference_dicom, series.volume, settings)
    elif series.planes:
        grid = series.volume.grid
        source = DicomSource(grid=grid, planes=series.planes, where=series.name)
    else:
        raise InputError.of(
            "no-dicom-source",
            "--dicom",
            f"the reference, {series.name}, is not DICOM: its study is not known.",
            "Give the DICOM folder it was made from with --reference-dicom.",
        )
    source.read_headers()
    return source


def _find_alike(path: Path, reference: Volume, settings: InputSettings) -> DicomSource:
    where = f"--reference-dicom {path}"
    if tell_path_kind(path) == "folder":
        content = scan_folder(path, where=where, settings=settings)
    elif path.is_file() and is_dicom(path):
        content = scan_file(path, where=where)
    else:
        raise InputError.of("not-found", where, "is no folder of DICOM images.")
    if content.problems:
        raise InputError(*content.problems)
    stacks, _ = join_stacks(content.stacks, settings)
    sizes: list[str] = []
    alike: list[DicomSource] = []
    for stack in stacks:
        try:
            ordered, grid, _ = arrange_stack(stack, where=where, settings=settings)
        except InputError:
            continue
        sizes.append(" x ".join(map(str, grid.shape)))
        if _is_same_lattice(reference, grid):
            planes = name_planes(ordered)
            alike.append(DicomSource(grid=grid, planes=planes, where=where))
    if len(alike) == 1:
        return alike[0]
    own = " x ".join(map(str, reference.grid.shape))
    raise InputError.of(
        "reference-dicom",
        where,
        f"holds {len(alike) or 'no'} series on the voxels of the reference ({own}); "
        f"expected one. Its volumes: {', '.join(sizes) or 'none'}.",
        "Give the folder of the one series that the reference was converted from.",
    )


def _is_same_lattice(reference: Volume, grid: Grid) -> bool:
    if sorted(reference.grid.shape) != sorted(grid.shape):
        return False
    try:
        reference.stored_like(grid)
    except (GeometryError, ValueError):  # turned so that two axes fall together
        return False
    return True


def _read_header(plane: SourcePlane, where: str) -> Dataset:
    try:
        with silence_pydicom():
            header = pydicom.dcmread(plane.path, stop_before_pixels=True, force=True)
            known = {name: str(header.get(name) or "") for name in _NEEDED}
            for name in _MAY_BE_EMPTY:
                if name not in header:
                    setattr(header, name, None)
    except Exception as error:
        # A damaged header fails in many ways; none may reach the user.
        raise _unfit(where, "has a file that cannot be read again.") from error
    missing = [name for name, value in known.items() if not value]
    if missing:
        raise _unfit(where, f"does not say its {missing[0]}.")
    if known["SOPInstanceUID"] != plane.sop_uid:
        raise _unfit(where, "has changed since it was read.")
    return header


def _tell_thickness(header: Dataset, spacing_mm: float) -> None:
    """Say how thick slices are, which a SEG must, where the source leaves it out."""
    layers = [header]
    if "NumberOfFrames" in header:
        groups = [
            *header.get("SharedFunctionalGroupsSequence", ()),
            *header.get("PerFrameFunctionalGroupsSequence", ()),
        ]
        layers = [m for g in groups for m in g.get("PixelMeasuresSequence", ())]
    for layer in layers:
        if layer.get("SliceThickness") is None:
            layer.SliceThickness = f"{spacing_mm:.6g}"


def _unfit(where: str, reason: str) -> InputError:
    return InputError.of(
        "dicom-source", where, reason, "Without --dicom all else is written."
    )


def list_sop_uids(planes: Sequence[SourcePlane]) -> list[str]:
    """Return the SOP Instance UIDs of a volume's files, sorted, each once."""
    return sorted({plane.sop_uid for plane in planes})
