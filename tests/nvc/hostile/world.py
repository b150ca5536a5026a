"""A tiny head of noise with one bright mark, written in whatever way a recipe asks."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.orientations import axcodes2ornt, ornt_transform

from tests.nvc.io.made_files import (
    SHAPE,
    nifti_header,
    noise,
    oblique,
    write_dicom,
)

SIZES = (0.5, 0.6, 0.7)
AFFINE = oblique(SIZES)
MARK = (7, 3, 10)
"""The voxel that is by far the brightest; no symmetry of the volume keeps it."""
VOXELS = noise(SHAPE)
VOXELS[MARK] = 4000
SMALL = (VOXELS // 17).astype(np.uint8)
"""The same in eight bits."""


def place(affine: np.ndarray, voxel=MARK) -> tuple[float, ...]:
    """Where a voxel lies, RAS mm."""
    return tuple(float(v) for v in (affine @ [*voxel, 1.0])[:3])


MARK_RAS = place(AFFINE)
DICOM_AFFINE = AFFINE @ np.diag([-1.0, -1.0, 1.0, 1.0])
DICOM_MARK_RAS = place(DICOM_AFFINE)

_CODES = {
    "u1": 2,
    "i2": 4,
    "i4": 8,
    "f4": 16,
    "f8": 64,
    "i1": 256,
    "u2": 512,
    "u4": 768,
    "i8": 1024,
    "u8": 1280,
}


def nifti(
    voxels: np.ndarray = VOXELS,
    *,
    affine: np.ndarray = AFFINE,
    order: str = "<",
    kind: str = "i2",
    **fields: Any,
) -> bytes:
    """A NIfTI-1 file with an sform, byte by byte; `fields` are raw values by name."""
    dtype = np.dtype(kind).newbyteorder(order)
    own = {"datatype": _CODES[kind], "bitpix": 8 * dtype.itemsize}
    own["shape"] = voxels.shape
    header = nifti_header(order, affine, **(own | fields))
    return bytes(header) + voxels.astype(dtype).tobytes(order="F")


def by_nibabel(
    voxels: np.ndarray = VOXELS,
    *,
    sform: np.ndarray | None = AFFINE,
    qform: np.ndarray | None = AFFINE,
    codes: tuple[int, int] = (1, 1),
    image: type = nib.Nifti1Image,
) -> bytes:
    """A file as nibabel writes it; codes are those of qform and sform."""
    made = image(voxels, None)
    made.header.set_xyzt_units("mm")
    chosen = sform if qform is None else qform
    made.header["pixdim"][1:4] = np.linalg.norm(chosen[:3, :3], axis=0)
    if qform is not None:
        made.set_qform(qform, code=codes[0])
    if sform is not None:
        made.set_sform(sform, code=codes[1])
    return bytes(made.to_bytes())


def stored(codes: str) -> tuple[np.ndarray, np.ndarray]:
    """The same head in another storage order: voxels and affine."""
    image = nib.Nifti1Image(VOXELS, AFFINE)
    turn = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(codes))
    turned = image.as_reoriented(turn)
    return np.asarray(turned.dataobj), turned.affine


def written(content: bytes, name: str = "scan.nii"):
    """A maker of one file."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def packed(content: bytes) -> bytes:
    """The same, compressed."""
    return gzip.compress(content, mtime=0)


def header(**fields: Any):
    """A maker of a plain file whose header has some fields changed."""
    return written(nifti(**fields))


def series(folder: Path, voxels: np.ndarray = VOXELS, **attributes: Any) -> Path:
    """Write a classic DICOM series; returns its folder."""
    attributes = {"SeriesDescription": "t2 ciss"} | attributes
    write_dicom(folder, voxels, DICOM_AFFINE, **attributes)
    return folder


def dicom(voxels: np.ndarray = VOXELS, **attributes: Any):
    """A maker of a DICOM folder whose files have some attributes changed."""

    def make(folder: Path) -> Path:
        return series(folder / "mr", voxels, **attributes)

    return make
