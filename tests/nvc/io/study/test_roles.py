"""Roles are guessed from words, then timing, then contrast; else left open."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nvc.io.doors.reading import SequenceFacts
from nvc.io.study.load import list_series
from nvc.io.study.roles import find_contradiction, guess_from_header, guess_role
from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole

T2, TOF, T1, OTHER = (SequenceRole(role) for role in ("t2", "tof", "t1", "other"))

WORDS = {
    "t2_ciss3d_tra_iso": T2,
    "AX FIESTA-C": T2,
    "3D DRIVE IAC": T2,
    "sB-FFE HR": T2,
    "T2 SPACE": T2,
    "sub-01_T2w.nii.gz": T2,
    "T2 VISTA": T2,
    "TOF_3D_multi-slab": TOF,
    "3D TOF MRA": TOF,
    "t1_mprage_sag": T1,
    "t1.nii": T1,
    "SAG FSPGR BRAVO": T1,
    "anat-T1w": T1,
    "t2_flair_sag": OTHER,
    "ep2d_diff_ADC": OTHER,
    "TOF_MIP": OTHER,
    "t2*_gre": OTHER,
    "AAHead_Scout": OTHER,
    "localizer": OTHER,
}


@pytest.mark.parametrize("text", WORDS)
def test_words_in_the_name(text):
    guess = guess_from_header(SequenceFacts(words=(text.lower(),)))
    assert guess is not None
    assert guess.role is WORDS[text]


@pytest.mark.parametrize("text", ["head", "series 4", "t1 t2 mapping", "brain.nii.gz"])
def test_words_that_decide_nothing(text):
    assert guess_from_header(SequenceFacts(words=(text,))) is None


TIMINGS = {
    "ciss": ((2.7, 6.0, None, 70.0), T2),
    "fiesta": ((2.4, 5.8, None, 45.0), T2),
    "space": ((260.0, 1400.0, None, 120.0), T2),
    "tof": ((3.6, 21.0, None, 18.0), TOF),
    "mprage": ((2.3, 2300.0, 900.0, 8.0), T1),
    "bravo": ((3.2, 8.2, 450.0, 12.0), T1),
    "unclear": ((30.0, 400.0, None, 20.0), None),
}


@pytest.mark.parametrize("name", TIMINGS)
def test_timing(name):
    (echo, repetition, inversion, flip), role = TIMINGS[name]
    facts = SequenceFacts(
        echo_time_ms=echo,
        repetition_time_ms=repetition,
        inversion_time_ms=inversion,
        flip_angle_deg=flip,
    )
    guess = guess_from_header(facts)
    assert (guess and guess.role) is role


def test_projections_are_no_volumes():
    facts = SequenceFacts(words=("tof",), image_type=("DERIVED", "MIP"))
    guess = guess_from_header(facts)
    assert guess is not None
    assert guess.role is OTHER


def test_a_contradiction_is_said_and_agreement_is_not():
    facts = SequenceFacts(words=("t1_mprage",))
    assert "suggests T1" in find_contradiction(facts, T2)
    assert find_contradiction(facts, T1) == ""
    assert find_contradiction(SequenceFacts(), T2) == ""


def head(fluid: float, grey: float, white: float, vessel: float) -> Volume:
    """A ball of brain with white matter inside, in fluid, in a dark skull."""
    grid = Grid(shape=(90, 90, 60), voxel_to_ras_mm=np.diag([1.5, 1.5, 1.5, 1.0]))
    points = grid.to_ras_mm(np.stack(np.indices(grid.shape), -1).astype(float))
    radius = np.linalg.norm(points - grid.centre_mm, axis=-1)
    folds = np.sin(points / 4).sum(axis=-1)
    image = np.zeros(grid.shape)
    image[radius < 60] = fluid
    image[radius < 44 + 6 * folds / 3] = grey
    image[radius < 36] = np.where(folds[radius < 36] > 0.0, white, grey)
    image[(radius < 40) & (folds < -1.9)] = fluid
    lines = (np.abs(points[..., 0] % 24 - 12) < 1) & (points[..., 1] % 30 < 3)
    image[lines & (radius < 40)] = vessel
    image = ndimage.gaussian_filter(image, 0.4)
    image += np.random.default_rng(0).normal(0, 10, grid.shape)
    return Volume(grid=grid, voxels=np.abs(image))


CONTRASTS = {
    "cisternography": (head(1000, 250, 220, 20), T2),
    "tof": (head(150, 250, 270, 1000), OTHER),
    "t1": (head(120, 300, 520, 300), OTHER),
    "flat": (head(300, 300, 300, 300), OTHER),
}


@pytest.mark.parametrize("name", CONTRASTS)
def test_contrast(name):
    volume, role = CONTRASTS[name]
    assert guess_role(SequenceFacts(), volume).role is role


def test_words_win_over_contrast():
    volume, _ = CONTRASTS["cisternography"]
    assert guess_role(SequenceFacts(words=("tof",)), volume).role is TOF


@pytest.mark.slow
def test_no_part_of_the_real_head_is_taken_for_a_t2(real_head):
    series = list_series(t1=real_head).series[0].series
    assert series is not None
    assert guess_role(SequenceFacts(), series.volume).role is OTHER
    voxels, affine = series.volume.voxels, series.volume.grid.voxel_to_ras_mm
    for first in range(0, 330, 30):
        slab = voxels[:, :, first : first + 60]
        grid = Grid(shape=slab.shape, voxel_to_ras_mm=affine)
        guess = guess_role(SequenceFacts(), Volume(grid=grid, voxels=slab))
        assert guess.role is OTHER
