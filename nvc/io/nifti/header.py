"""A NIfTI header, checked byte by byte before anything is allocated.

The general readers accept much that moves a result: two affines that disagree even
in left and right, no affine at all, sizes in micrometres, truncated data. So this
module reads the few fields that matter itself and refuses what is in doubt.

References
----------
The NIfTI-1 and NIfTI-2 data formats, https://nifti.nimh.nih.gov.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_HEADER = 544
"""Bytes that hold the header and its extension flag in either version."""

_SCALAR_TYPES = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}
_OTHER_TYPES = {
    1: "one bit",
    32: "complex",
    128: "RGB colour",
    1536: "128-bit",
    1792: "complex",
    2048: "complex",
    2304: "RGBA colour",
}
_CONVERT = "Copy or convert it again."
_STANDING_FOR_IT = (
    (b"version https://git-lfs", "a pointer of Git LFS", "Fetch it with git lfs pull."),
    (
        b"/annex/objects/",
        "a pointer of git-annex",
        "Fetch it with datalad get.",
    ),
    (b"<!doctype html", "a web page", "Download it again."),
    (b"<html", "a web page", "Download it again."),
)
"""What lies in the place of a file that was never fetched."""
_MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
_UNIT_NAMES = {1: "metre", 3: "micrometre"}
_TEMPLATE_CODES = {3: "Talairach", 4: "MNI", 5: "a template's"}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the fields lie: byte offset and struct format of each."""

    size: int
    magic: tuple[int, bytes]
    dim: tuple[int, str]
    datatype: tuple[int, str]
    pixdim: tuple[int, str]
    vox_offset: tuple[int, str]
    scaling: tuple[int, str]
    units: tuple[int, str]
    codes: tuple[int, str]
    quaternion: tuple[int, str]
    sform: tuple[int, str]
    intent: tuple[int, str]


_NIFTI1 = _Layout(
    size=348,
    magic=(344, b"n+1\0"),
    dim=(40, "8h"),
    datatype=(70, "2h"),
    pixdim=(76, "8f"),
    vox_offset=(108, "f"),
    scaling=(112, "2f"),
    units=(123, "B"),
    codes=(252, "2h"),
    quaternion=(256, "6f"),
    sform=(280, "12f"),
    intent=(68, "h"),
)
_NIFTI2 = _Layout(
    size=540,
    magic=(4, b"n+2\0\r\n\x1a\n"),
    dim=(16, "8q"),
    datatype=(12, "2h"),
    pixdim=(104, "8d"),
    vox_offset=(168, "q"),
    scaling=(176, "2d"),
    units=(500, "i"),
    codes=(344, "2i"),
    quaternion=(352, "6d"),
    sform=(400, "12d"),
    intent=(504, "i"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NiftiHeader:
    """The fields of a header that decide values and places.

    Parameters
    ----------
    shape : tuple of int
        Voxels along i, j, k.
    dtype : numpy dtype
        As stored, with its byte order.
    data_offset : int
        Bytes before the first voxel.
    slope, intercept : float
        Intensity = slope x stored + intercept.
    mm_per_unit : float
        What a length in this header is worth.
    qform_code, sform_code : int
        0 where that affine is absent.
    pixdim : tuple of float
        ``pixdim[0:4]``: the handedness, then the voxel sizes, as stored.
    quaternion : tuple of float
        b, c, d and the offsets, as stored.
    sform : ndarray, shape (3, 4)
        As stored.
    intent_code : int
        1002 marks a label map.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[np.generic]
    data_offset: int
    slope: float
    intercept: float
    mm_per_unit: float
    qform_code: int
    sform_code: int
    pixdim: tuple[float, ...]
    quaternion: tuple[float, ...]
    sform: NDArray[np.float64]
    intent_code: int

    @property
    def data_bytes(self) -> int:
        """Bytes that the voxels take."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the header says that a reader should know."""
        found = []
        unit = {v: k for k, v in _MM_PER_UNIT.items() if k}.get(self.mm_per_unit)
        if unit in _UNIT_NAMES:
            found.append(f"lengths were stored in {_UNIT_NAMES[unit]}s; converted")
        template = _TEMPLATE_CODES.get(self.sform_code or self.qform_code)
        if template:
            found.append(
                f"coordinates are marked as {template} space: sizes are the "
                "patient's own only if the volume was not warped"
            )
        return tuple(found)


def parse_header(start: bytes, where: str) -> NiftiHeader:
    """Read and check the first bytes of a single-file NIfTI-1 or NIfTI-2.

    Parameters
    ----------
    start : bytes
        The first `LONGEST_HEADER` bytes, uncompressed; fewer if the file is shorter.
    where : str
        How to name the file in an error.

    Raises
    ------
    InputError
        If this is no NIfTI file or holds no single 3D scalar volume.
    """
    layout, order = _layout_of(start, where)

    def values(field: tuple[int, str]) -> tuple[float, ...]:
        offset, form = field
        return struct.unpack_from(order + form, start, offset)

    shape = _shape(tuple(int(n) for n in values(layout.dim)), where)
    datatype, bits = (int(n) for n in values(layout.datatype))
    dtype = _dtype(datatype, bits, order, where)
    slope, intercept = _scaling(*values(layout.scaling), where=where)
    qform_code, sform_code = (int(n) for n in values(layout.codes))
    if not (0 <= qform_code <= 5 and 0 <= sform_code <= 5):
        raise InputError.of(
            "orientation-code",
            where,
            f"qform_code {qform_code} and sform_code {sform_code} are not both 0 to 5.",
            _CONVERT,
        )
    return NiftiHeader(
        shape=shape,
        dtype=dtype,
        data_offset=_data_offset(values(layout.vox_offset)[0], layout, where),
        slope=slope,
        intercept=intercept,
        mm_per_unit=_unit(int(values(layout.units)[0]), where),
        qform_code=qform_code,
        sform_code=sform_code,
        pixdim=values(layout.pixdim)[:4],
        quaternion=values(layout.quaternion),
        sform=np.array(values(layout.sform), dtype=float).reshape(3, 4),
        intent_code=int(values(layout.intent)[0]),
    )


def _layout_of(start: bytes, where: str) -> tuple[_Layout, str]:
    """Find version and byte order from the header's own size and magic."""
    for layout in (_NIFTI1, _NIFTI2):
        for order in ("<", ">"):
            if start[:4] != struct.pack(order + "i", layout.size):
                continue
            if len(start) < layout.size:
                raise InputError.of(
                    "truncated",
                    where,
                    f"ends within its {layout.size}-byte header.",
                    _CONVERT,
                )
            offset, magic = layout.magic
            found = start[offset : offset + len(magic)]
            if found == magic:
                return layout, order
            if found[:2] in (b"ni", b"\0\0"):
                raise InputError.of(
                    "not-nifti",
                    where,
                    "is a header without its image (Analyze or an .hdr/.img pair).",
                    "Convert it to one .nii or .nii.gz file.",
                )
    for beginning, what, remedy in _STANDING_FOR_IT:
        if start.lstrip()[: len(beginning)].lower() == beginning:
            raise InputError.of("not-nifti", where, f"is {what}, no image.", remedy)
    raise InputError.of(
        "not-nifti",
        where,
        "is not a NIfTI file (no NIfTI-1 or NIfTI-2 header).",
        "Give a .nii or .nii.gz file, or a folder of DICOM files.",
    )


def _shape(dim: tuple[int, ...], where: str) -> tuple[int, int, int]:
    if not 1 <= dim[0] <= 7:
        raise InputError.of(
            "dimensions", where, f"states {dim[0]} dimensions; expected 3."
        )
    if dim[0] < 3 or min(dim[1:4]) < 2:
        size = " x ".join(str(n) for n in dim[1 : dim[0] + 1])
        raise InputError.of(
            "dimensions",
            where,
            f"is not a volume (its size is {size}); expected 2 voxels or more along "
            "each of three axes.",
        )
    further = dim[4 : dim[0] + 1]
    if any(n != 1 for n in further):
        raise InputError.of(
            "not-3d",
            where,
            f"holds {math.prod(max(n, 0) for n in further)} volumes (it is "
            f"{dim[0]}D); expected a single 3D volume.",
            "Extract the volume to be measured.",
        )
    return (dim[1], dim[2], dim[3])


def _dtype(code: int, bits: int, order: str, where: str) -> np.dtype[np.generic]:
    if code not in _SCALAR_TYPES:
        kind = _OTHER_TYPES.get(code, f"of unknown type {code}")
        raise InputError.of(
            "data-type", where, f"voxels are {kind}; expected plain numbers."
        )
    dtype = np.dtype(order + _SCALAR_TYPES[code])
    if bits != dtype.itemsize * 8:
        raise InputError.of(
            "data-type",
            where,
            f"states {bits} bits a voxel for a type of {dtype.itemsize * 8} bits.",
            _CONVERT,
        )
    return dtype


def _scaling(slope: float, intercept: float, *, where: str) -> tuple[float, float]:
    # The standard: a slope of 0 means "not scaled"; many writers store NaN for it.
    if slope == 0 or math.isnan(slope):
        return 1.0, 0.0
    if not (math.isfinite(slope) and math.isfinite(intercept)):
        raise InputError.of(
            "scaling", where, "its intensity scaling is not finite.", _CONVERT
        )
    return slope, intercept


def _data_offset(offset: float, layout: _Layout, where: str) -> int:
    smallest = layout.size + 4  # the extension flag follows the header
    if not math.isfinite(offset) or offset < smallest or offset != int(offset):
        raise InputError.of(
            "data-offset",
            where,
            f"says its voxels start at byte {offset:g}; expected {smallest} or more.",
        )
    return int(offset)


def _unit(xyzt_units: int, where: str) -> float:
    code = xyzt_units & 7
    if code not in _MM_PER_UNIT:
        raise InputError.of(
            "unit",
            where,
            f"its unit of length has the unknown code {code}; expected 0 to 3.",
        )
    return _MM_PER_UNIT[code]
