"""The segmentation as files that other programs read."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np

from nvc.model.anatomy import Structure

if TYPE_CHECKING:
    from nvc.model.grid import Grid, Volume

_TABLE = (
    (Structure.CN7_LEFT, "facial nerve (CN VII), left", "CN7L", "#FFD60A"),
    (Structure.CN7_RIGHT, "facial nerve (CN VII), right", "CN7R", "#FFD60A"),
    (Structure.CN8_LEFT, "vestibulocochlear nerve (CN VIII), left", "CN8L", "#2EC4B6"),
    (
        Structure.CN8_RIGHT,
        "vestibulocochlear nerve (CN VIII), right",
        "CN8R",
        "#2EC4B6",
    ),
    (Structure.ARTERY, "artery", "ART", "#FF453A"),
    (Structure.VEIN, "vein", "VEIN", "#4A90FF"),
    (Structure.VESSEL_UNKNOWN, "vessel of unknown kind", "VES", "#E052E0"),
    (Structure.BRAINSTEM, "brainstem", "BS", "#B8A99A"),
)
"""Index, name, abbreviation and colour of each label, as in BIDS."""

COLOURS = {structure: colour for structure, _, _, colour in _TABLE}
"""Colour of each label, shared by the pictures and the page."""

NAMES = {structure: (name, colour) for structure, name, _, colour in _TABLE}
"""Name and colour of each label, for other formats."""

_DESCRIPTION = "NVC Review labels. Research use only. Not a medical device."


def segmentation_to_nifti(labels: Volume, stored: Grid, source: str = "") -> bytes:
    """Return ``segmentation.nii.gz``: the reference's own storage order and affine.

    Parameters
    ----------
    labels : Volume
        uint8 `Structure` values on the reference's lattice, any storage order.
    stored : Grid
        The reference as it was stored.
    source : str
        What the reference's affine rests on; after ``"qform"`` only the qform is
        written, so that the affine that readers compute is the same, bit for bit.

    Raises
    ------
    GeometryError
        If `labels` does not lie on the lattice of `stored`.
    """
    own = labels.stored_like(stored)
    affine = stored.voxel_to_ras_mm
    image = nib.Nifti1Image(np.asarray(own.voxels, dtype=np.uint8), affine)
    header = image.header
    header.set_xyzt_units("mm")
    header["descrip"] = _DESCRIPTION.encode()
    header["intent_code"] = 1002  # NIFTI_INTENT_LABEL
    header["cal_max"] = max(Structure)
    image.set_qform(affine, code=1)
    if source == "qform":
        image.set_sform(None, code=0)
    else:
        image.set_sform(affine, code=1)
    # nibabel stamps gzip files with the time; the same labels give the same bytes.
    return gzip.compress(image.to_bytes(), compresslevel=6, mtime=0)


def segmentation_to_tsv() -> str:
    """Return ``segmentation.tsv``, the names and colours of the labels (BIDS)."""
    rows = [("index", "name", "abbreviation", "color")]
    rows += [(str(int(s)), name, short, colour) for s, name, short, colour in _TABLE]
    return "".join("\t".join(row) + "\n" for row in rows)
