"""One stack of DICOM planes to a volume: order, geometry, pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import InputError
from nvc.io.dicom.copies import drop_copies
from nvc.io.dicom.decoding import UndecodableError
from nvc.io.dicom.folder import find_several_patients
from nvc.io.dicom.header import ImagePlane
from nvc.io.dicom.pixels import PixelReader
from nvc.io.doors.gates import (
    find_slice_warnings,
    require_image,
    require_plausible_affine,
)
from nvc.io.doors.reading import Reading
from nvc.io.doors.values import mark_padding, settle_values, unwrap
from nvc.model.grid import Grid, Volume
from nvc.model.study import SourcePlane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.settings.input import InputSettings

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_EXPORT = "Export the series again, or convert it with dcm2niix."
_ORTHOGONAL = 1e-3
_3D = 3
_GAP_SHARE = 1.1
"""Slices thinner than nine tenths of their spacing leave part of the head unseen."""


def read_stack(
    planes: Sequence[ImagePlane], *, where: str, settings: InputSettings
) -> Reading:
    """Read the volume that a stack of planes forms.

    Returns
    -------
    Reading
        Axes: column, row, slice; slopes applied plane by plane; RAS mm.

    Raises
    ------
    InputError
        If a slice is missing, doubled or of another patient, the spacing is
        uneven, or pixels cannot be decoded.
    """
    ordered, grid, warnings = arrange_stack(planes, where=where, settings=settings)
    stored, sha256, of_whole = _decode(ordered, where)
    is_scaled = any((plane.slope, plane.intercept) != (1.0, 0.0) for plane in ordered)
    raw, notes = unwrap(stored, is_scaled=is_scaled)
    declared = {plane.padding for plane in ordered if plane.padding is not None}
    intensities = _scaled(raw, ordered)
    notes += settle_values(intensities, mark_padding(raw, declared), settings)
    voxels = intensities.transpose(2, 1, 0)
    notes += require_image(voxels, where, settings)
    return Reading(
        volume=Volume(grid=grid, voxels=voxels),
        sha256=sha256,
        whole_file_sha256=of_whole if of_whole != sha256 else "",
        orientation_source="dicom",
        file_format="DICOM",
        facts=ordered[0].facts,
        patient=ordered[0].patient,
        warnings=(*warnings, *notes),
        planes=name_planes(ordered),
    )


def name_planes(ordered: Sequence[ImagePlane]) -> tuple[SourcePlane, ...]:
    """Return where the planes of a volume come from, in the same order."""
    return tuple(
        SourcePlane(path=plane.path, frame=plane.frame, sop_uid=plane.sop_uid)
        for plane in ordered
    )


def arrange_stack(
    planes: Sequence[ImagePlane], *, where: str, settings: InputSettings
) -> tuple[list[ImagePlane], Grid, tuple[str, ...]]:
    """Order the planes of a stack and work out its grid, without reading pixels.

    Returns
    -------
    ordered : list of ImagePlane
        Along the stack's normal.
    grid : Grid
        RAS mm.
    warnings : tuple of str
        What a reader should know.

    Raises
    ------
    InputError
        As `read_stack`.
    """
    planes, warnings = drop_copies(planes, where)
    _require_uniform(planes, where, settings)
    axes = _axes(planes[0], where)
    positions = np.array([plane.position_lps_mm for plane in planes])
    order = np.argsort(positions @ axes[:, 2], kind="stable")
    ordered = [planes[n] for n in order]
    spacing = _spacing(positions[order], axes[:, 2], where, settings)
    _require_acquired_alike(planes, where, settings)
    between_rows, between_columns = planes[0].spacing_mm
    lps = np.eye(4)
    lps[:3, :3] = axes * [between_columns, between_rows, spacing]
    lps[:3, 3] = positions[order[0]]
    require_plausible_affine(lps, where, settings)
    grid = Grid(
        shape=(planes[0].columns, planes[0].rows, len(planes)),
        voxel_to_ras_mm=_LPS_TO_RAS @ lps,
        frame_of_reference_uid=planes[0].frame_of_reference_uid,
    )
    thickness = planes[0].thickness_mm
    if thickness is not None and 0 < thickness * _GAP_SHARE < spacing:
        warnings += (
            f"slices {thickness:g} mm thick lie {spacing:.3g} mm apart: "
            "what is between them was not imaged",
        )
    if any(plane.is_lossy for plane in planes):
        warnings += ("was compressed with loss: small vessels may be blurred",)
    return ordered, grid, (*warnings, *find_slice_warnings(grid, settings))


def _require_uniform(
    planes: Sequence[ImagePlane], where: str, settings: InputSettings
) -> None:
    for plane in planes:
        if plane.problem:
            raise InputError.of("dicom-image", where, f"{plane.problem}.", _EXPORT)
    mixed = find_several_patients(planes, where)
    if mixed:
        raise InputError(*mixed)
    _require_one_frame(planes, where)
    sizes = np.array([plane.spacing_mm for plane in planes])
    if not (sizes > 0).all():  # False for NaN too
        raise InputError.of(
            "voxel-size", where, "its Pixel Spacing is not positive.", _EXPORT
        )
    if np.ptp(sizes, axis=0).max() > 1e-4:
        raise InputError.of(
            "mixed-spacing",
            where,
            "the slices of one series differ in Pixel Spacing.",
            "Give a folder with one volume.",
        )
    if len(planes) < settings.min_slices:
        raise InputError.of(
            "too-few-slices",
            where,
            f"the series has {len(planes)} slices; expected at least "
            f"{settings.min_slices}.",
        )
    first = planes[0]
    if first.rows * first.columns * len(planes) * 4 > settings.max_bytes:
        raise InputError.of(
            "too-large",
            where,
            f"has {len(planes)} slices of {first.columns} x {first.rows}: at most "
            f"{settings.max_bytes} bytes are read.",
        )
    scales = np.array([(plane.slope, plane.intercept) for plane in planes])
    if not (np.isfinite(scales).all() and (scales[:, 0] != 0).all()):
        raise InputError.of(
            "scaling", where, "its Rescale Slope or Intercept is not usable.", _EXPORT
        )


def _require_one_frame(planes: Sequence[ImagePlane], where: str) -> None:
    if len({plane.bits for plane in planes}) > 1:
        raise InputError.of(
            "mixed-depth",
            where,
            "the slices of one series differ in how many bits a voxel has: their "
            "intensities cannot be compared.",
            _EXPORT,
        )
    if len({plane.frame_of_reference_uid for plane in planes}) > 1:
        raise InputError.of(
            "several-frames",
            where,
            "one series has several frames of reference: its slices cannot be stacked.",
            "Give a folder with one volume.",
        )


def _require_acquired_alike(
    planes: Sequence[ImagePlane], where: str, settings: InputSettings
) -> None:
    """Refuse slices of several acquisitions that happen to make one regular stack."""
    for name, values in (
        ("repetition time", [plane.facts.repetition_time_ms for plane in planes]),
        ("echo time", [plane.facts.echo_time_ms for plane in planes]),
        ("inversion time", [plane.facts.inversion_time_ms for plane in planes]),
        ("flip angle", [plane.facts.flip_angle_deg for plane in planes]),
    ):
        stated = [value for value in values if value is not None]
        low, high = min(stated, default=0.0), max(stated, default=0.0)
        if high - low > settings.same_timing * abs(high):
            raise InputError.of(
                "mixed-acquisition",
                where,
                f"the slices of one series differ in {name} ({low:g} to {high:g}): "
                "they are not of one acquisition.",
                "Give a folder with one volume.",
            )


def _axes(plane: ImagePlane, where: str) -> NDArray[np.float64]:
    """Unit vectors of column, row and slice index as columns, LPS, shape (3, 3)."""
    row, column = np.array(plane.row_axis), np.array(plane.column_axis)
    lengths = np.array([np.linalg.norm(row), np.linalg.norm(column)])
    # Written so that NaN fails.
    if not (
        np.abs(lengths - 1).max() <= _ORTHOGONAL and abs(row @ column) <= _ORTHOGONAL
    ):
        raise InputError.of(
            "orientation",
            where,
            "its Image Orientation is not two unit vectors at right angles.",
            _EXPORT,
        )
    normal = np.cross(row, column)
    normal /= np.linalg.norm(normal)
    row = row / lengths[0]
    return np.column_stack([row, np.cross(normal, row), normal])


def _spacing(
    positions: NDArray[np.float64],
    normal: NDArray[np.float64],
    where: str,
    settings: InputSettings,
) -> float:
    """Return the distance of neighbouring slices, shape (N, 3) positions, in order.

    Raises
    ------
    InputError
        If they do not form one regular stack at right angles to the planes.
    """
    if not np.isfinite(positions).all():
        raise InputError.of(
            "position", where, "its slices' positions are not finite.", _EXPORT
        )
    steps = np.diff(positions @ normal)
    usual = float(np.median(steps))
    rounding = settings.position_rounding_mm
    doubled = int(np.count_nonzero(steps <= rounding))
    if doubled:
        raise InputError.of(
            "duplicate-positions",
            where,
            f"{doubled} slices lie at the place of another: several volumes "
            "(echoes, phases or directions) share one series.",
            "Give a folder with one volume.",
        )
    missing = int(np.sum(np.rint(steps / usual) - 1, where=steps > 1.5 * usual))
    if missing:
        raise InputError.of(
            "missing-slices",
            where,
            f"{missing} of {len(positions) + missing} slices are missing.",
            "Copy or export the series again.",
        )
    uneven = float(np.abs(steps - usual).max())
    if uneven > max(settings.voxel_size_tolerance * usual, rounding):
        raise InputError.of(
            "uneven-spacing",
            where,
            f"its slices lie {steps.min():.3f} to {steps.max():.3f} mm apart; "
            "expected equal steps.",
        )
    travels = positions - positions[0]
    along = travels @ normal
    sideways = float(np.linalg.norm(travels - np.outer(along, normal), axis=1).max())
    length = float(along[-1])
    largest = np.tan(np.radians(settings.max_shear_deg)) * length + rounding
    if sideways > largest:
        raise InputError.of(
            "shear",
            where,
            f"its slices are shifted sideways by up to {sideways:.2f} mm.",
            "Distances would be wrong: give the series as it was acquired.",
        )
    return length / (len(positions) - 1)


def _decode(
    planes: Sequence[ImagePlane], where: str
) -> tuple[NDArray[np.generic], str, str]:
    """Return stored numbers, (slices, rows, columns), and digests of the content.

    The first is of what was read, the second of the files as a whole.
    """
    pictures: list[NDArray[np.generic]] = [np.empty(0)] * len(planes)
    digests: list[str] = []
    of_whole: list[str] = []
    of_file: dict[Path, list[int]] = {}
    for number, plane in enumerate(planes):
        of_file.setdefault(plane.path, []).append(number)
    with PixelReader() as reader:
        for path, numbers in of_file.items():
            content = _content(path, where)
            own = hashlib.sha256(content)
            of_whole.append(own.hexdigest())
            own.update(_name_frames([planes[number] for number in numbers]))
            digests.append(own.hexdigest())
            first = planes[numbers[0]]
            try:
                frames = reader.read(content, first)
            except UndecodableError as error:
                raise _undecodable(where, len(digests), len(of_file), error) from error
            for number in numbers:
                frame = planes[number].frame
                pictures[number] = frames[frame] if frames.ndim == _3D else frames
    return np.stack(pictures), _joined(digests), _joined(of_whole)


def _joined(digests: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def _scaled(
    stored: NDArray[np.generic], planes: Sequence[ImagePlane]
) -> NDArray[np.float32]:
    """Apply the slope of each plane, shape (slices, rows, columns)."""
    scaled = np.empty(stored.shape, dtype=np.float32)
    with np.errstate(over="ignore"):  # what is infinite then is counted and told
        for number, plane in enumerate(planes):
            exact = stored[number].astype(np.float64)
            scaled[number] = exact * plane.slope + plane.intercept
    return scaled


def _name_frames(planes: Sequence[ImagePlane]) -> bytes:
    """Return what a digest says of the frames of a file that are read.

    That is nothing where all of them are: an enhanced file may hold several stacks.
    """
    frames = sorted(plane.frame for plane in planes)
    if len(frames) == planes[0].frames_in_file:
        return b""
    return ("\nframes " + " ".join(map(str, frames))).encode()


def _content(path: Path, where: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError.of(
            "not-readable", where, f"a DICOM file cannot be read ({error.strerror})."
        ) from error


def _undecodable(
    where: str, number: int, count: int, why: UndecodableError
) -> InputError:
    return InputError.of(
        "pixels",
        where,
        f"the pixels of DICOM file {number} of {count} {why}.",
        "Copy it again, or export it uncompressed.",
    )
