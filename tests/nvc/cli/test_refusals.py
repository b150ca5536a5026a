"""What shows no cerebellopontine angle is refused in words, from file to report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from nvc.cli import main
from nvc.io.records.report_json import read_report
from nvc.io.sample import volume_to_nifti
from nvc.io.template import read_template
from nvc.model.anatomy import Flag, Side
from nvc.model.findings import Report
from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole
from nvc.phantom import PhantomOptions
from nvc.phantom.options import Conflict
from nvc.phantom.painted import make_painted
from nvc.phantom.painted.heads import _strokes
from nvc.phantom.painted.paint import Paint as Colour
from nvc.phantom.render import measure_coverage
from nvc.phantom.study import Phantom
from nvc.regions.head.mni152 import coarsen_template
from tests.nvc.regions.painted_head import Paint, paint_head

MARKS = ("root_exit_point_mm", "root_detachment_mm", "porus_mm", "fundus_mm")
BRAIN = (Colour.CORTEX, Colour.BRAIN)


def lattice(shape: tuple[int, ...], edge_mm: float) -> Grid:
    return Grid(shape=shape, voxel_to_ras_mm=np.diag([edge_mm] * 3 + [1.0]))


def noise(seed: int, sigma_vox: float) -> Volume:
    """Magnitude of noise alone; a sigma above 0 is a scanner's interpolation."""
    rng = np.random.default_rng(seed)
    shape = (120, 120, 50)
    real, imaginary = (
        ndimage.gaussian_filter(rng.normal(0, 100, shape), sigma_vox) for _ in range(2)
    )
    voxels = 5 * np.hypot(real, imaginary)
    return Volume(grid=lattice(shape, 0.6), voxels=voxels)


def abdomen(seed: int) -> Volume:
    """Liver, kidneys, bowel, vertebra: ovals in a body, left much like right."""
    rng = np.random.default_rng(seed)
    shape, edge = (190, 150, 40), 1.0
    place = np.stack(np.indices(shape, dtype=np.float32), axis=-1)
    place = (place - (np.array(shape) - 1) / 2) * edge

    def oval(centre: tuple[float, ...], radii: tuple[float, ...]) -> np.ndarray:
        return np.linalg.norm((place - centre) / radii, axis=-1) < 1

    values = np.where(oval((0, 0, 0), (92, 70, 300)), 0.5, 0.0)
    inner = oval((0, 0, 0), (84, 62, 300))
    values[inner] = 0.3
    for _ in range(40):
        centre = rng.uniform(-1, 1, 3) * [70, 50, 20]
        own = oval(tuple(centre), tuple(rng.uniform(3, 20, 3)))
        values[own & inner] = rng.choice([0.0, 0.1, 0.3, 0.5, 0.7, 1.0])
    for sign in (1, -1):
        values[oval((sign * 45, -10, 0), (25, 20, 40))] = 0.6
        values[oval((sign * 45, -10, 0), (8, 7, 12))] = 1.0
    values[oval((0, -35, 0), (19, 15, 300))] = 0.2
    values[oval((0, -45, 0), (8, 7, 300))] = 1.0
    voxels = np.hypot(
        1000 * ndimage.gaussian_filter(values, 0.6) + rng.normal(0, 20, shape),
        rng.normal(0, 20, shape),
    )
    return Volume(grid=lattice(shape, edge), voxels=voxels)


def above(seed: int) -> Volume:
    """A slab through the cerebrum."""
    paint = Paint(seed=seed, centre_mm=(0.0, -6.0, 38.0), voxel_mm=(1.0, 1.0, 1.0))
    return scaled(paint_head(paint).volume)


def scaled(volume: Volume) -> Volume:
    return Volume(grid=volume.grid, voxels=np.clip(volume.voxels, 0, 32000))


FAR = Conflict()
# Far from both nerves, an artery that no angiography shows may count as missed.
NEAR = Conflict(vessel="aica", segment="cisternal", gap_mm=0.8)


def phantom(seed: int, conflict: Conflict = FAR) -> Phantom:
    return make_painted(
        PhantomOptions(
            seed=seed,
            with_tof=False,
            t2_voxel_mm=(0.8, 0.8, 0.8),
            t2_extent_mm=(130.0, 95.0, 40.0),
            tilt_deg=(8.0, -5.0, 6.0),
            left=conflict,
            right=conflict,
        )
    )


def share_of(head: Phantom, grid: Grid, solid: object) -> np.ndarray:
    whole = np.zeros(grid.shape, dtype=bool)
    found = measure_coverage(solid, grid, head.head_to_ras, 1)  # type: ignore[arg-type]
    if found is not None:
        box, share = found
        whole[box] = share >= 0.5
    return whole


def brain_extracted(seed: int) -> Volume:
    """A phantom without its skull; a millimetre or two of fluid may be left."""
    head = phantom(seed)
    volume = head.volumes[SequenceRole.T2]
    brain = share_of(head, volume.grid, head.anatomy.head.ventricle)
    for stroke in _strokes(head.anatomy, np.random.default_rng(seed)):
        if stroke.paint in BRAIN:
            brain |= share_of(head, volume.grid, stroke.solid)
    near = ndimage.distance_transform_edt(~brain) * 0.8 <= seed % 3
    return Volume(grid=volume.grid, voxels=np.where(near, volume.voxels, 0))


def t1_brain(margin_mm: float) -> Volume:
    """A head's T1 of which only the brain was kept: all else is exactly 0."""
    template = coarsen_template(read_template(), 1.0, margin_mm).image
    brain = np.pad(np.asarray(template.voxels), 20)
    noise = np.random.default_rng(11).normal(0, 0.02, brain.shape)
    affine = template.grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = template.grid.to_ras_mm(np.full(3, -20.0))
    return Volume(
        grid=Grid(shape=brain.shape, voxel_to_ras_mm=affine),
        voxels=np.where(brain > 0, 1000 * np.clip(brain + noise, 0.001, None), 0),
    )


def measured(volume: Volume, folder: Path, role: str = "t2") -> Report:
    """Write a scan, run the command on it, and read the report."""
    scan = folder / f"{role}.nii.gz"
    scan.write_bytes(volume_to_nifti(volume, np.int16))
    out = folder / "out"
    argv = ["measure", f"--{role}", str(scan), "--out", str(out)]
    assert main(argv) == 0
    return read_report(out / "report.json")


REFUSED: dict[str, tuple[Callable[[], Volume], str]] = {
    "noise": (lambda: noise(1, 0.0), "noise only"),
    "interpolated noise": (lambda: noise(2, 0.9), "noise only"),
    "abdomen": (lambda: abdomen(3), "no inner ears"),
    "another abdomen": (lambda: abdomen(4), "no inner ears"),
    "above": (lambda: above(5), "may not reach the cerebellopontine angles"),
    "brain": (lambda: brain_extracted(6), "brain may have been extracted"),
    "brain and fluid": (lambda: brain_extracted(8), "brain may have been extracted"),
}


def assert_refused(report: Report, words: str) -> None:
    """Check that nothing is said of either side but why."""
    for side in Side:
        own = report.sides[side]
        assert own.flag is Flag.NOT_EVALUABLE
        assert not own.contacts
        assert any(words in reason for reason in own.reasons), own.reasons
        for mark in MARKS:
            assert getattr(own.landmarks, mark) is None


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_what_shows_no_angle_is_refused_with_the_reason(
    case: str, tmp_path: Path
) -> None:
    make, words = REFUSED[case]
    assert_refused(measured(make(), tmp_path), words)


@pytest.mark.slow
@pytest.mark.parametrize("margin_mm", [0.0, 3.0])
def test_a_t1_without_what_surrounds_the_brain_is_refused(
    margin_mm: float, tmp_path: Path
) -> None:
    report = measured(t1_brain(margin_mm), tmp_path, "t1")
    assert_refused(report, "the tissue around the brain has been removed")


@pytest.mark.slow
@pytest.mark.parametrize("missing", list(Side))
def test_a_missing_canal_leaves_the_other_side_to_be_measured(
    missing: Side, tmp_path: Path
) -> None:
    head = phantom(21, NEAR)
    volume = head.volumes[SequenceRole.T2]
    ear = head.anatomy.sides[missing].ear
    bone = share_of(head, volume.grid, ear.canal) | share_of(
        head, volume.grid, ear.fluid
    )
    bone = ndimage.binary_dilation(bone, iterations=1)
    bone &= ~share_of(head, volume.grid, head.anatomy.head.fossa)
    rng = np.random.default_rng(1)
    dark = np.abs(rng.normal(40, 20, volume.grid.shape))
    filled = Volume(grid=volume.grid, voxels=np.where(bone, dark, volume.voxels))
    report = measured(filled, tmp_path)
    own, other = report.sides[missing], report.sides[missing.other]
    assert own.flag is Flag.NOT_EVALUABLE
    assert any("internal auditory canal" in reason for reason in own.reasons)
    assert own.landmarks.porus_mm is None
    assert other.flag is not Flag.NOT_EVALUABLE, other.reasons
    truth = head.truth["sides"][missing.other.value]["porus_mm"]
    assert np.linalg.norm(np.subtract(other.landmarks.porus_mm, truth)) < 1.0
