"""NIfTI files in and out: every byte accounted for, nothing guessed."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from nvc.errors import InputError
from nvc.io.doors.gates import (
    find_slice_warnings,
    require_image,
    require_plausible_affine,
    require_readable,
)
from nvc.io.doors.reading import Reading, SequenceFacts
from nvc.io.doors.values import mark_padding, settle_values, unwrap
from nvc.io.nifti.affine import choose_affine
from nvc.io.nifti.header import LONGEST_HEADER, NiftiHeader, parse_header
from nvc.model.grid import Grid, Volume
from nvc.settings.input import InputSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.io.doors.reading import Use

_GZIP = b"\x1f\x8b"
_DEFLATE_CEILING = 1032
"""The most that deflate can compress: more is claimed only by a false header."""
_SLACK_BYTES = 2**20
_CHUNK_BYTES = 2**22
_LABEL_INTENT = 1002


_Stream = IO[bytes] | gzip.GzipFile


class _Stored(NamedTuple):
    """A file's content before it becomes a volume."""

    header: NiftiHeader
    voxels: NDArray[np.generic]
    sha256: str


def read_nifti(
    path: Path, *, where: str, use: Use = "auto", settings: InputSettings
) -> Reading:
    """Read an MR volume from a NIfTI file.

    Parameters
    ----------
    path : Path
        ``.nii`` or ``.nii.gz``; compression is told by the content.
    where : str
        How errors name the file.
    use : {"auto", "sform", "qform"}
        Which affine to take.
    settings : InputSettings
        Limits.

    Returns
    -------
    Reading
        Float32 intensities with the slope applied, in stored order, RAS mm.

    Raises
    ------
    InputError
        If anything about it is wrong or in doubt.
    """
    stored, affine, source = _read(path, where=where, use=use, settings=settings)
    require_plausible_affine(affine, where, settings)
    grid = Grid(shape=stored.header.shape, voxel_to_ras_mm=affine)
    if stored.header.intent_code == _LABEL_INTENT:
        raise InputError.of(
            "label-map",
            where,
            "is marked as a label map; expected MR intensities.",
            "Give a segmentation with --labels.",
        )
    raw, notes = unwrap(stored.voxels, is_scaled=_is_scaled(stored.header))
    voxels = _intensities(stored._replace(voxels=raw))
    notes += settle_values(voxels, mark_padding(raw), settings)
    warnings = (*notes, *require_image(voxels, where, settings))
    return Reading(
        volume=Volume(grid=grid, voxels=voxels),
        sha256=stored.sha256,
        orientation_source=source,
        file_format="NIfTI",
        facts=SequenceFacts(words=(path.name.lower(),)),
        warnings=(
            *stored.header.warnings,
            *warnings,
            *find_slice_warnings(grid, settings),
        ),
    )


def read_nifti_labels(
    path: Path, *, where: str, use: Use = "auto", settings: InputSettings
) -> tuple[Grid, NDArray[np.uint8]]:
    """Read whole numbers 0 to 255 from a NIfTI file, in stored order.

    Returns
    -------
    grid : Grid
        As stored; RAS mm.
    labels : ndarray of uint8, shape ``grid.shape``

    Raises
    ------
    InputError
        As `read_nifti`, and if a value is not a whole number from 0 to 255.
    """
    stored, affine, _ = _read(path, where=where, use=use, settings=settings)
    require_plausible_affine(affine, where, settings)
    grid = Grid(shape=stored.header.shape, voxel_to_ras_mm=affine)
    values = _intensities(stored)
    whole = np.rint(values)
    with np.errstate(invalid="ignore"):
        is_whole = np.abs(values - whole) < 1e-3  # False for NaN and infinity too
    if not is_whole.all():
        raise InputError.of(
            "labels",
            where,
            "holds values that are no labels; expected whole numbers.",
        )
    if whole.min() < 0 or whole.max() > 255:
        raise InputError.of(
            "labels", where, "holds other labels than expected: 0 to 255."
        )
    return grid, whole.astype(np.uint8)


def serialise_volume(volume: Volume) -> bytes:
    """Return a volume as clean NIfTI: geometry and voxels, nothing else.

    Both sform and qform are set, the unit is mm; whole numbers that fit are stored as
    16-bit integers, anything else as float32, so nothing is lost. The bytes, those of
    a ``.nii.gz``, depend on the volume alone.
    """
    return gzip.compress(_serialise(volume), compresslevel=6, mtime=0)


def _serialise(volume: Volume) -> bytes:
    import nibabel as nib

    voxels = volume.voxels
    low, high = float(voxels.min()), float(voxels.max())
    whole = low >= -(2**15) and high < 2**15 and np.array_equal(voxels, np.rint(voxels))
    image = nib.Nifti1Image(
        voxels.astype(np.int16 if whole else np.float32),
        volume.grid.voxel_to_ras_mm,
    )
    image.set_sform(volume.grid.voxel_to_ras_mm, code=1)
    image.set_qform(volume.grid.voxel_to_ras_mm, code=1)
    image.header.set_xyzt_units("mm")
    image.header.set_slope_inter(1, 0)
    return bytes(image.to_bytes())


def _read(
    path: Path, *, where: str, use: Use, settings: InputSettings
) -> tuple[_Stored, NDArray[np.float64], str]:
    size = require_readable(path, where, max_bytes=settings.max_bytes)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            packed = file.read(2) == _GZIP
            file.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=file) as content:
                    limit = size * _DEFLATE_CEILING
                    header, affine, source, voxels = _content(
                        content, limit, where, use, settings
                    )
            else:
                header, affine, source, voxels = _content(
                    file, size, where, use, settings
                )
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError.of(
            "damaged",
            where,
            "is damaged: its compressed content ends early or fails its checksum.",
            "Copy or convert it again.",
        ) from error
    except OSError as error:
        raise InputError.of(
            "not-readable", where, f"cannot be read ({error.strerror})."
        ) from error
    return _Stored(header, voxels, sha256), affine, source


def _content(
    content: _Stream, limit: int, where: str, use: Use, settings: InputSettings
) -> tuple[NiftiHeader, NDArray[np.float64], str, NDArray[np.generic]]:
    """Read header and voxels, and then to the very end, where the checksum is."""
    start = content.read(LONGEST_HEADER)
    header = parse_header(start, where)
    affine, source = choose_affine(header, use, where, settings)
    end = header.data_offset + header.data_bytes
    if end > limit:
        raise InputError.of(
            "truncated",
            where,
            f"is too short: its header promises {header.data_bytes} bytes of voxels "
            f"from byte {header.data_offset} on.",
            "Copy or convert it again.",
        )
    if end > settings.max_bytes:
        raise InputError.of(
            "too-large",
            where,
            f"holds {end} bytes; at most {settings.max_bytes} are read.",
        )
    _skip(content, header.data_offset - len(start))
    # The voxels may begin within the bytes that were read to find the header.
    ahead = start[header.data_offset :][: header.data_bytes]
    raw = bytearray(header.data_bytes)
    raw[: len(ahead)] = ahead
    _fill(content, memoryview(raw)[len(ahead) :], where)
    if len(content.read(_SLACK_BYTES + 1)) > _SLACK_BYTES:
        raise InputError.of(
            "trailing-bytes",
            where,
            "holds much more than its header says.",
            "Copy or convert it again.",
        )
    voxels = np.frombuffer(raw, dtype=header.dtype).reshape(header.shape, order="F")
    return header, affine, source, voxels


def _skip(content: _Stream, count: int) -> None:
    while count > 0:
        got = len(content.read(min(count, _CHUNK_BYTES)))
        if got == 0:
            return
        count -= got


def _fill(content: _Stream, target: memoryview, where: str) -> None:
    done = 0
    while done < len(target):
        chunk = content.read(min(_CHUNK_BYTES, len(target) - done))
        if not chunk:
            raise InputError.of(
                "truncated",
                where,
                f"ends after {done} of {len(target)} bytes of voxels.",
                "Copy or convert it again.",
            )
        target[done : done + len(chunk)] = chunk
        done += len(chunk)


def _is_scaled(header: NiftiHeader) -> bool:
    return header.slope != 1.0 or header.intercept != 0.0


def _intensities(stored: _Stored) -> NDArray[np.float32]:
    header = stored.header
    with np.errstate(over="ignore", invalid="ignore"):
        if not _is_scaled(header):
            return stored.voxels.astype(np.float32)
        # In double precision: a float32 slope times a large integer loses digits.
        scaled = np.empty(header.shape, dtype=np.float32)
        for k in range(header.shape[2]):
            plane = stored.voxels[..., k].astype(np.float64)
            scaled[..., k] = plane * header.slope + header.intercept
    return scaled
