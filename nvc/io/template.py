"""The MNI152 T1 template: an average, skull-stripped, exactly symmetric head.

It ships with nilearn, so nothing is downloaded. nilearn is loaded when the template is
first asked for.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

import nibabel as nib
import numpy as np

from nvc.model.grid import Grid, Volume

_NAME = "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"


@lru_cache(maxsize=1)
def read_template() -> Volume:
    """Read the template at 1 mm.

    Returns
    -------
    Volume
        In MNI mm, canonical storage order: T1 intensities from 0 to 1, exactly 0
        outside the brain. The same object at every call.
    """
    stored = _stored_template()
    voxels = np.asarray(stored.dataobj, dtype=np.float32)
    voxels = voxels / voxels.max()
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=stored.affine)
    return Volume(grid=grid, voxels=voxels).canonical()


def _stored_template() -> nib.Nifti1Image:
    """Return nilearn's own copy of the template.

    Its loader imports all of scikit-learn, some seconds of every run; so the file is
    taken as it lies in the package, and the loader where it lies there no longer.
    """
    packed = files("nilearn") / "datasets" / "data" / _NAME
    if packed.is_file():
        return nib.Nifti1Image.from_bytes(gzip.decompress(packed.read_bytes()))
    from nilearn.datasets import load_mni152_template

    return load_mni152_template(resolution=1)
