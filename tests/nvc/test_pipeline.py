"""From files to findings: known truth, storage orders, mirrors, the real head."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from nvc.errors import Cancelled
from nvc.io.sample import find_sample_study
from nvc.io.study.load import load_study
from nvc.model.anatomy import Flag, Side
from nvc.model.grid import Grid, Volume, transform_points
from nvc.model.stages import Origin, SideLandmarks
from nvc.model.study import SequenceRole, Series, Study
from nvc.phantom.options import Conflict, options_for
from nvc.phantom.study import make_phantom
from nvc.pipeline import Stage, rerun, run

pytestmark = pytest.mark.slow

LANDMARKS = ("root_exit_point_mm", "root_detachment_mm", "porus_mm")


@pytest.fixture(scope="module")
def study() -> Study:
    folder = find_sample_study()
    return load_study(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")


@pytest.fixture(scope="module")
def truth() -> dict:
    return json.loads((find_sample_study() / "truth.json").read_text())


@pytest.fixture(scope="module")
def result(study):
    return run(study)


def moved(study: Study, codes: str | None = None, world: np.ndarray | None = None):
    """The same study stored in another order, or in a world moved rigidly."""
    series = {}
    for role, one in study.series.items():
        volume = one.volume
        affine, voxels = volume.grid.voxel_to_ras_mm, volume.voxels
        if codes is not None:
            change = ornt_transform(io_orientation(affine), axcodes2ornt(tuple(codes)))
            affine = affine @ inv_ornt_aff(change, voxels.shape)
            voxels = apply_orientation(voxels, change)
        if world is not None:
            affine = world @ affine
        grid = Grid(shape=voxels.shape, voxel_to_ras_mm=affine)
        series[role] = replace(one, volume=Volume(grid=grid, voxels=voxels))
    return Study(series=series)


def study_of(phantom) -> Study:
    return Study(
        series={
            role: Series(
                role=role,
                volume=volume,
                sha256="0" * 64,
                orientation_source="sform",
                name=role.value,
            )
            for role, volume in phantom.volumes.items()
        }
    )


def assert_same(one, other, world=None, tolerance=0.01):
    """Both sides of two reports agree, points after the world's motion."""
    world = np.eye(4) if world is None else world
    for side in Side:
        a, b = one.sides[side], other.sides[side]
        assert a.flag is b.flag
        assert a.nerve_segment is b.nerve_segment
        assert len(a.contacts) == len(b.contacts)
        for name in ("distance_mm", "contact_probability"):
            if getattr(a, name) is not None:
                assert abs(getattr(a, name) - getattr(b, name)) < tolerance
        points = [(getattr(a.landmarks, n), getattr(b.landmarks, n)) for n in LANDMARKS]
        points.append((a.closest_point_nerve_mm, b.closest_point_nerve_mm))
        for p, q in points:
            assert (p is None) == (q is None)
            if p is not None:
                expected = transform_points(world, np.array(p))
                assert np.linalg.norm(expected - np.array(q)) < tolerance


def test_the_sample_study_comes_out_as_it_was_made(result, truth):
    for side in Side:
        true, found = truth["sides"][side.value], result.report.sides[side]
        assert abs(found.distance_mm - true["gap_mm"]) < 0.2
        assert found.distance_ci_mm[0] <= found.distance_mm <= found.distance_ci_mm[1]
        off = np.subtract(found.closest_point_nerve_mm, true["closest_point_nerve_mm"])
        assert np.linalg.norm(off) < 1.5
        for name, limit in zip(LANDMARKS, (3.0, 1.5, 1.0), strict=True):
            error = np.subtract(getattr(found.landmarks, name), true[name])
            assert np.linalg.norm(error) < limit
    assert result.report.sides[Side.LEFT].flag is Flag.NEAR
    assert result.report.sides[Side.RIGHT].flag in (
        Flag.PROXIMAL_CONTACT,
        Flag.POSSIBLE_COMPRESSION,
    )


@pytest.mark.parametrize("codes", ["LPS", "LAS", "PIR", "SAL"])
def test_the_order_of_storage_changes_nothing(study, result, codes):
    assert_same(result.report, run(moved(study, codes)).report)


def test_an_oblique_world_changes_nothing(study, result):
    world = np.eye(4)
    world[:3, :3] = Rotation.from_euler("xyz", [14, -9, 17], degrees=True).as_matrix()
    world[:3, 3] = [31.0, -12.0, 55.0]
    assert_same(result.report, run(moved(study, world=world)).report, world)


def test_a_mirrored_head_swaps_the_sides(study, result):
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    swapped = run(moved(study, world=mirror)).report
    for side in Side:
        a, b = result.report.sides[side], swapped.sides[side.other]
        assert a.flag is b.flag
        assert abs(a.distance_mm - b.distance_mm) < 0.1


@pytest.mark.parametrize(
    ("name", "left", "right", "flags"),
    [
        (
            "contact-2041",
            Conflict(vessel="aica", segment="root_detachment"),
            Conflict(),
            ({Flag.PROXIMAL_CONTACT, Flag.POSSIBLE_COMPRESSION}, {Flag.CLEAR}),
        ),
        (
            "near-2042",
            Conflict(vessel="pica", segment="attached", gap_mm=0.7),
            Conflict(vessel="aica", segment="cisternal"),
            ({Flag.NEAR}, {Flag.DISTAL_CONTACT}),
        ),
    ],
    ids=["contact-clear", "near-distal"],
)
def test_heads_never_seen_before_come_out_right(name, left, right, flags):
    options = replace(
        options_for(name),
        left=left,
        right=right,
        t2_extent_mm=(112.0, 90.0, 36.0),
        tof_extent_mm=(110.0, 86.0, 38.0),
    )
    report = run(study_of(make_phantom(options))).report
    assert report.sides[Side.LEFT].flag in flags[0]
    assert report.sides[Side.RIGHT].flag in flags[1]


def test_without_an_angiography_it_is_said(study):
    alone = Study(series={SequenceRole.T2: study.series[SequenceRole.T2]})
    report = run(alone).report
    for side in Side:
        assert any("TOF" in reason for reason in report.sides[side].reasons)


def test_a_readers_landmarks_replace_the_proposals(result):
    side = result.report.sides[Side.LEFT].landmarks
    given = {
        Side.LEFT: SideLandmarks(
            root_exit_point_mm=np.array(side.root_exit_point_mm),
            root_detachment_mm=np.add(side.root_detachment_mm, (0.0, 0.4, 0.0)),
            porus_mm=np.add(side.porus_mm, (0.3, 0.0, 0.0)),
            source=Origin.CONFIRMED,
        )
    }
    again = rerun(result, Stage.REGIONS, landmarks=given).report.sides
    assert again[Side.LEFT].landmarks.source is Origin.CONFIRMED
    np.testing.assert_allclose(
        again[Side.LEFT].landmarks.porus_mm, given[Side.LEFT].porus_mm, atol=1e-3
    )
    other, before = again[Side.RIGHT], result.report.sides[Side.RIGHT]
    assert other.flag is before.flag
    assert abs(other.distance_mm - before.distance_mm) < 0.01


def test_a_rerun_from_the_end_gives_the_same_report(result):
    # Whatever the session that calls us told NumPy to do about rounding.
    for usual in ("warn", "raise"):
        with np.errstate(all=usual):
            assert rerun(result, Stage.MEASURE).report == result.report


def test_a_run_can_be_stopped(study):
    steps = []

    def on_progress(step, fraction):
        steps.append((step, fraction))

    with pytest.raises(Cancelled):
        run(study, on_progress=on_progress, should_stop=lambda: len(steps) > 1)
    assert steps
    assert all(0 <= fraction <= 1 for _, fraction in steps)


def test_both_nerves_of_the_real_head_are_found(real_head):
    result = run(load_study(t1=real_head))
    read = json.loads((Path(__file__).parent / "real_head_truth.json").read_text())
    for side in Side:
        report = result.report.sides[side]
        assert report.flag is Flag.NOT_EVALUABLE
        assert any("not resolved" in reason for reason in report.reasons)
        visible = read["sides"][side.value]["facial"]["visible_mm"]
        points = np.array([entry["point_mm"] for entry in visible])
        distance = cKDTree(np.array(report.facial_nerve_mm)).query(points)[0]
        assert np.median(distance) < 0.5
        assert distance.max() < 1.5
        true = read["sides"][side.value]["landmarks"]["root_detachment_mm"]["point_mm"]
        found = np.array(report.landmarks.root_detachment_mm)
        assert np.linalg.norm(found - np.array(true)) < 2.5
