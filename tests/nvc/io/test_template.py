"""The template head is nilearn's own, whole and symmetric."""

from __future__ import annotations

import numpy as np

from nvc.io.template import read_template


def test_the_template_is_the_one_that_nilearn_loads() -> None:
    from nilearn.datasets import load_mni152_template

    loaded = load_mni152_template(resolution=1)
    ours = read_template()
    np.testing.assert_allclose(ours.voxels, loaded.get_fdata(), atol=1e-6)
    np.testing.assert_array_equal(ours.grid.voxel_to_ras_mm, loaded.affine)


def test_template_is_symmetric():
    voxels = np.asarray(read_template().voxels)
    np.testing.assert_array_equal(voxels, voxels[::-1])
