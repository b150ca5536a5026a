"""Segmentations made elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nvc.io.nifti.labels_in import read_labels
from nvc.model.anatomy import Structure
from tests.nvc.hostile.points import GRID
from tests.nvc.hostile.recipe import Holds, Recipe, Refused, Table
from tests.nvc.hostile.world import AFFINE, SHAPE, nifti, packed, written

LABELS = np.zeros(SHAPE, dtype=np.uint8)
LABELS[1:3, 5:8, 4:9] = Structure.CN7_LEFT
LABELS[7:9, 5:8, 4:9] = Structure.CN7_RIGHT
LABELS[4:6, 2:4, 4:9] = Structure.ARTERY
FLIP = np.diag([-1.0, 1.0, 1.0, 1.0])
FLIP[0, 3] = SHAPE[0] - 1
SHIFTED = AFFINE.copy()
SHIFTED[:3, 3] += [0.2, 0.1, 0.15]
FAR = AFFINE.copy()
FAR[:3, 3] += 500.0


def read(path: Path):
    return read_labels(path, GRID)


def same(found) -> bool:
    return np.array_equal(found.volume.voxels, LABELS) and not found.warnings


def moved(found) -> bool:
    return "another grid" in found.warnings[0] and found.volume.grid.shape == SHAPE


def labels(voxels=LABELS, name: str = "labels.nii", kind: str = "u1", **fields):
    return written(nifti(np.asarray(voxels), kind=kind, **fields), name)


def with_one(value, kind: str = "f4"):
    voxels = LABELS.astype(kind)
    voxels[0, 0, 0] = value
    return labels(voxels, kind=kind)


FINE = Holds(same)
TABLE: Table = {
    "bytes": Recipe("as we write them", labels(), FINE),
    "packed": Recipe(
        "a .nii.gz", written(packed(nifti(LABELS, kind="u1")), "l.nii.gz"), FINE
    ),
    "float": Recipe("what Slicer may write", labels(kind="f4"), FINE),
    "i8": Recipe("what NumPy writes", labels(kind="i8"), FINE),
    "big-endian": Recipe("another machine", labels(kind="i2", order=">"), FINE),
    "marked as labels": Recipe("an intent", labels(intent_code=1002), FINE),
    "stored from right to left": Recipe(
        "another order of the same voxels",
        labels(LABELS[::-1], affine=AFFINE @ FLIP),
        FINE,
    ),
    "4D of one": Recipe("a time axis", labels(dim=(4, *SHAPE, 1, 1, 1, 1)), FINE),
    "shifted": Recipe("another grid", labels(affine=SHIFTED), Holds(moved)),
    "a part": Recipe("a cropped grid", labels(LABELS[:9]), Holds(moved)),
    "far": Recipe("of another study", labels(affine=FAR), Refused("no-overlap")),
    "halves": Recipe("no label", with_one(1.5), Refused("labels", "whole numbers")),
    "NaN": Recipe("no number", with_one(np.nan), Refused("labels")),
    "infinite": Recipe("no number", with_one(np.inf), Refused("labels")),
    "negative": Recipe("no label", with_one(-1, "i2"), Refused("labels", "0 to 255")),
    "unknown": Recipe("a 9 says nothing", with_one(9, "i2"), Refused("labels", "9")),
    "1000": Recipe("of an atlas", with_one(1000, "i2"), Refused("labels")),
    "empty": Recipe("all background", labels(LABELS * 0), Refused("labels", "empty")),
    "swapped": Recipe("left and right", labels(LABELS[::-1]), Refused("sides-swapped")),
    "no orientation": Recipe("sides?", labels(codes=(0, 0)), Refused("no-orientation")),
    "4D": Recipe(
        "one volume a label", labels(dim=(4, 10, 12, 7, 2, 1, 1, 1)), Refused("not-3d")
    ),
    "RGB": Recipe("a picture", labels(datatype=128, bitpix=24), Refused("data-type")),
    "cut": Recipe(
        "a broken copy",
        written(nifti(LABELS, kind="u1")[:900], "labels.nii"),
        Refused("truncated"),
    ),
    "a table": Recipe(
        "the names, not the voxels",
        written(b"index\tname\n1\tCN7\n", "labels.tsv"),
        Refused("not-nifti"),
    ),
    "missing": Recipe(
        "no file", lambda folder: folder / "none.nii", Refused("not-found")
    ),
}
