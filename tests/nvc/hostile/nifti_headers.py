"""NIfTI headers: geometry, units, scaling, types and sizes."""

from __future__ import annotations

import nibabel as nib
import numpy as np

from tests.nvc.hostile.recipe import Accepted, Recipe, Refused, Table
from tests.nvc.hostile.world import (
    AFFINE,
    SHAPE,
    SIZES,
    SMALL,
    VOXELS,
    by_nibabel,
    header,
    nifti,
    place,
    stored,
    written,
)
from tests.nvc.io.made_files import oblique

NAN, INF = float("nan"), float("inf")
PLAIN = np.diag([*SIZES, 1.0])
PLAIN[:3, 3] = [-20.0, 15.0, -30.0]
MIRRORED = PLAIN @ np.diag([-1.0, 1.0, 1.0, 1.0])
SHEARED = AFFINE.copy()
SHEARED[:3, 1] += 0.02 * SHEARED[:3, 0]
FLAT = AFFINE.copy()
FLAT[:3, 2] = FLAT[:3, 0]
SHIFTED = PLAIN.copy()
SHIFTED[:3, 3] += 0.5
TURNED = oblique(SIZES, degrees=40.0)
FAR = AFFINE.copy()
FAR[:3, 3] = 1e7
HALF_A_TURN = np.diag([-1.0, -1.0, 1.0, 1.0]) @ AFFINE


def in_order(codes: str) -> Recipe:
    voxels, affine = stored(codes)
    sizes = tuple(np.linalg.norm(affine[:3, :3], axis=0))
    facts = Accepted(shape=voxels.shape, sizes=sizes, codes=codes)
    content = nifti(voxels, affine=affine)
    return Recipe(f"stored as {codes}", written(content), facts)


def in_unit(code: int, per_mm: float, says: str) -> Recipe:
    scaled = np.vstack([AFFINE[:3] * per_mm, [0, 0, 0, 1]])
    content = nifti(affine=scaled, xyzt_units=code)
    return Recipe(f"lengths in unit {code}", written(content), Accepted(says=says))


def both(sform, qform) -> bytes:
    return by_nibabel(sform=sform, qform=qform)


def chosen(content: bytes, option: str):
    """A maker of a file, and the option with which it is read."""
    return lambda folder: ["--t2", written(content)(folder), option]


ORIENTATION: Table = {
    **{codes: in_order(codes) for codes in ("LAS", "RPS", "LPS", "RAI", "LPI")},
    **{codes: in_order(codes) for codes in ("ARS", "PIL", "SRA", "IPL", "SAL", "ALI")},
    "oblique by 40 degrees": Recipe(
        "axes stay as they are stored, not as they are named",
        header(affine=TURNED),
        Accepted(mark=place(TURNED)),
    ),
    "half a turn": Recipe(
        "a rotation is not a flip",
        header(affine=HALF_A_TURN),
        Accepted(codes="LPS", mark=place(HALF_A_TURN)),
    ),
    "sform only": Recipe("what FSL writes", header(), Accepted()),
    "qform only": Recipe(
        "what old converters write",
        written(by_nibabel(sform=None, codes=(1, 0))),
        Accepted(source="qform"),
    ),
    "both agree": Recipe("what dcm2niix writes", written(by_nibabel()), Accepted()),
    "forms mirrored": Recipe(
        "left and right are in doubt",
        written(both(PLAIN, MIRRORED)),
        Refused("forms-disagree", "mirror"),
    ),
    "forms mirrored, sform chosen": Recipe(
        "the user knows which is right",
        chosen(both(PLAIN, MIRRORED), "--use-sform"),
        Accepted(mark=place(PLAIN)),
    ),
    "forms mirrored, qform chosen": Recipe(
        "the user knows which is right",
        chosen(both(PLAIN, MIRRORED), "--use-qform"),
        Accepted(codes="LAS", source="qform", mark=place(MIRRORED)),
    ),
    "forms shifted": Recipe(
        "places are in doubt", written(both(PLAIN, SHIFTED)), Refused("forms-disagree")
    ),
    "no codes": Recipe(
        "left and right are unknown", header(codes=(0, 0)), Refused("no-orientation")
    ),
    "sform of zeros": Recipe(
        "a code without its form", header(srow=(0.0,) * 12), Refused("affine")
    ),
    "sform of NaN": Recipe("no number", header(srow=(NAN,) * 12), Refused("affine")),
    "sform of infinity": Recipe(
        "no number", header(srow=(INF,) * 12), Refused("affine")
    ),
    "axes in one plane": Recipe(
        "no volume has these axes", header(affine=FLAT), Refused("affine")
    ),
    "sheared": Recipe(
        "gantry tilt left in the affine", header(affine=SHEARED), Refused("shear")
    ),
    "quaternion too long": Recipe(
        "no rotation",
        header(codes=(1, 0), quatern=(0.9, 0.9, 0.9, 0.0, 0.0, 0.0)),
        Refused("affine", "no rotation"),
    ),
    "quaternion of NaN": Recipe(
        "no rotation", header(codes=(1, 0), quatern=(NAN,) * 6), Refused("affine")
    ),
    "qfac of two": Recipe(
        "handedness is one or minus one",
        header(codes=(1, 0), pixdim=(2.0, *SIZES, 0, 0, 0, 0)),
        Refused("affine"),
    ),
    "code 17": Recipe(
        "no such space", header(codes=(0, 17)), Refused("orientation-code")
    ),
    "template space": Recipe(
        "sizes may not be the patient's own",
        header(codes=(0, 4)),
        Accepted(says="marked as MNI space"),
    ),
    "far away": Recipe(
        "an offset that no scanner has",
        header(affine=FAR),
        Refused("affine"),
    ),
}

UNITS: Table = {
    "metres": in_unit(1, 0.001, "metres"),
    "micrometres": in_unit(3, 1000.0, "micrometres"),
    "no unit": in_unit(0, 1.0, ""),
    "millimetres and seconds": in_unit(2 | 8, 1.0, ""),
    "unknown unit": Recipe("code 7", header(xyzt_units=7), Refused("unit")),
    "metres called mm": Recipe(
        "a head of 7 mm",
        header(affine=np.diag([0.001, 0.001, 0.001, 1.0]) @ AFFINE),
        Refused("voxel-size", "Check the unit"),
    ),
    "voxels of 20 mm": Recipe(
        "coarser than any slice of a head",
        header(affine=AFFINE @ np.diag([40.0, 1.0, 1.0, 1.0])),
        Refused("voxel-size"),
    ),
    "pixdim 0": Recipe(
        "disagrees with the sform",
        header(pixdim=(1.0, 0, 0, 0, 0, 0, 0, 0)),
        Refused("voxel-size"),
    ),
    "pixdim negative": Recipe(
        "an old way to say flipped",
        header(pixdim=(1.0, -0.5, 0.6, 0.7, 0, 0, 0, 0)),
        Refused("voxel-size"),
    ),
    "pixdim NaN": Recipe(
        "no number",
        header(pixdim=(1.0, NAN, 0.6, 0.7, 0, 0, 0, 0)),
        Refused("voxel-size"),
    ),
    "pixdim of another scan": Recipe(
        "1 mm and a sform of 0.6 mm",
        header(pixdim=(1.0, 1.0, 1.0, 1.0, 0, 0, 0, 0)),
        Refused("voxel-size", "--use-sform"),
    ),
    "pixdim 0, qform alone": Recipe(
        "a qform needs its sizes",
        header(codes=(1, 0), pixdim=(1.0, 0, 0, 0, 0, 0, 0, 0)),
        Refused("voxel-size"),
    ),
}


def scaled(slope: float, intercept: float = 0.0):
    return header(slope_inter=(slope, intercept))


def negated() -> bytes:
    return nifti((5000 - VOXELS).astype(np.int16), slope_inter=(-1.0, 5000.0))


SCALING: Table = {
    "slope 0": Recipe("means unscaled", scaled(0.0, 9.0), Accepted()),
    "slope NaN": Recipe("many writers' unscaled", scaled(NAN, NAN), Accepted()),
    "slope negative": Recipe("bright is stored dark", written(negated()), Accepted()),
    "slope infinite": Recipe("no number", scaled(INF), Refused("scaling")),
    "intercept NaN": Recipe("no number", scaled(2.0, NAN), Refused("scaling")),
    "slope vanishing": Recipe(
        "all become one", scaled(1e-45, 7.0), Refused("constant")
    ),
    "slope enormous": Recipe("beyond float32", scaled(3e38), Refused("not-finite")),
}

TYPES: Table = {
    **{
        kind: Recipe(f"stored as {kind}", header(kind=kind), Accepted())
        for kind in ("u2", "i4", "u4", "i8", "u8", "f4", "f8")
    },
    "u1": Recipe("eight bits", written(nifti(SMALL, kind="u1")), Accepted()),
    "i1": Recipe(
        "eight bits with a sign",
        written(nifti(SMALL // 2, kind="i1")),
        Accepted(),
    ),
    "big-endian": Recipe("an old workstation", header(order=">"), Accepted()),
    "big-endian f8": Recipe("the same", header(order=">", kind="f8"), Accepted()),
    "NIfTI-2": Recipe(
        "the longer header",
        written(by_nibabel(image=nib.Nifti2Image)),
        Accepted(),
    ),
    "complex": Recipe(
        "raw data", header(datatype=32, bitpix=64), Refused("data-type", "complex")
    ),
    "RGB": Recipe(
        "a colour map", header(datatype=128, bitpix=24), Refused("data-type", "RGB")
    ),
    "bits": Recipe("one bit", header(datatype=1, bitpix=1), Refused("data-type")),
    "unknown type": Recipe("code 99", header(datatype=99), Refused("data-type")),
    "bitpix of another": Recipe("32 for i2", header(bitpix=32), Refused("data-type")),
    "label intent": Recipe(
        "a segmentation", header(intent_code=1002), Refused("label-map", "--labels")
    ),
}

SIZES_STATED: Table = {
    "4D of one": Recipe(
        "a time axis of one volume", header(dim=(4, *SHAPE, 1, 1, 1, 1)), Accepted()
    ),
    "7D of one": Recipe(
        "every axis stated", header(dim=(7, *SHAPE, 1, 1, 1, 1)), Accepted()
    ),
    "4D": Recipe(
        "a run of volumes", header(dim=(4, 10, 12, 7, 2, 1, 1, 1)), Refused("not-3d")
    ),
    "4D of none": Recipe(
        "a length of 0", header(dim=(4, *SHAPE, 0, 1, 1, 1)), Refused("not-3d")
    ),
    "2D": Recipe(
        "a single picture",
        header(dim=(2, 10, 168, 1, 1, 1, 1, 1)),
        Refused("dimensions"),
    ),
    "singleton": Recipe(
        "one slice called 3D",
        header(dim=(3, 1, 120, 14, 1, 1, 1, 1)),
        Refused("dimensions", "1 x 120 x 14"),
    ),
    "0D": Recipe("no dimension", header(dim=(0,) * 8), Refused("dimensions")),
    "negative dim": Recipe(
        "a length below 0",
        header(dim=(3, -10, 12, 14, 1, 1, 1, 1)),
        Refused("dimensions"),
    ),
    "nine dims": Recipe(
        "more than there are",
        header(dim=(9, *SHAPE, 1, 1, 1, 1)),
        Refused("dimensions"),
    ),
    "giant": Recipe(
        "35 terabytes", header(dim=(3, *(32767,) * 3, 1, 1, 1, 1)), Refused("truncated")
    ),
    "more than there is": Recipe(
        "one slice too many",
        header(dim=(3, 10, 12, 15, 1, 1, 1, 1)),
        Refused("truncated"),
    ),
    "offset 0": Recipe(
        "the header as voxels", header(vox_offset=0.0), Refused("data-offset")
    ),
    "offset NaN": Recipe("no number", header(vox_offset=NAN), Refused("data-offset")),
    "offset beyond": Recipe(
        "past the end", header(vox_offset=1e30), Refused("truncated")
    ),
}

TABLE: Table = {**ORIENTATION, **UNITS, **SCALING, **TYPES, **SIZES_STATED}
