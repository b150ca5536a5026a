"""Real heads are told by their voxels, not by file or order of storage."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.real_heads import (
    digest_voxels,
    find_heads,
    list_readings,
    open_head,
)
from nvc.model.grid import Grid, Volume
from nvc.phantom.geometry.pose import reorder


@pytest.fixture
def volume() -> Volume:
    voxels = np.random.default_rng(1).integers(0, 900, (40, 44, 36)).astype(float)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    return Volume(grid=Grid(shape=voxels.shape, voxel_to_ras_mm=affine), voxels=voxels)


def test_the_order_of_storage_does_not_matter(volume: Volume) -> None:
    digest = digest_voxels(volume)
    assert digest_voxels(reorder(volume, "LIP")) == digest
    other = volume.voxels.copy()
    other[3, 4, 5] += 1.0
    assert digest_voxels(Volume(grid=volume.grid, voxels=other)) != digest


def test_every_reading_is_of_another_head() -> None:
    readings = list_readings()
    assert [one.head for one in readings] == ["colin27", "studyforrest-t1", "uih"]
    assert len({one.digest for one in readings}) == len(readings)


def test_another_head_is_refused_in_one_line(tmp_path: Path, volume: Volume) -> None:
    path = tmp_path / "t1.nii.gz"
    voxels = volume.voxels.astype(np.int16)
    nib.save(nib.Nifti1Image(voxels, volume.grid.voxel_to_ras_mm), path)
    with pytest.raises(InputError, match=r"not a head that was read by eye \(colin27"):
        open_head(path)
    with pytest.raises(InputError, match="holds none of the real heads"):
        find_heads(tmp_path)


@pytest.mark.slow
def test_the_public_head_is_known(real_head: Path) -> None:
    assert find_heads(real_head.parent) == {"studyforrest-t1": real_head}
