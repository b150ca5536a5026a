"""Planes stand across their course and keep anterior and superior apart."""

from __future__ import annotations

import numpy as np

from nvc.segment.image.planes import planes_along
from nvc.tubes.curve import resample, round_corners, smooth_course

COURSE = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [18.0, 6.0, 0.0]])


def stack():
    return planes_along(
        COURSE,
        np.eye(3),
        step_mm=0.5,
        half_width_mm=3.0,
        spacing_mm=0.5,
        corner_mm=2.0,
    )


def test_frames_are_orthonormal_and_anatomical():
    planes = stack()
    frames = np.stack([planes.u, planes.v, planes.along], axis=1)
    identity = frames @ frames.transpose(0, 2, 1)
    np.testing.assert_allclose(
        identity, np.broadcast_to(np.eye(3), identity.shape), atol=1e-12
    )
    assert (planes.u[:, 1] > 0.5).all()
    assert (planes.v[:, 2] > 0.5).all()


def test_positions_go_to_the_patient_and_back():
    planes = stack()
    uv = np.array([[1.0, -2.0]])
    point = planes.to_ras_mm(np.array([7]), uv)
    np.testing.assert_allclose(planes.to_plane(7, point), uv, atol=1e-12)
    w = (
        np.flatnonzero(planes.offsets_mm == 1.0)[0],
        np.flatnonzero(planes.offsets_mm == -2.0)[0],
    )
    np.testing.assert_allclose(planes.points_mm()[7][w], point[0])


def test_a_line_crosses_where_it_should():
    planes = stack()
    line = np.array([[-5.0, 1.0, 0.5], [25.0, 1.0, 0.5]])
    np.testing.assert_allclose(planes.crossing(4, line), [1.0, 0.5], atol=0.2)
    assert planes.crossing(4, line + np.array([100.0, 0.0, 0.0])) is None


def test_resampling_keeps_ends_and_length():
    fine = resample(COURSE, 0.25)
    np.testing.assert_allclose(fine[[0, -1]], COURSE[[0, -1]])
    steps = np.linalg.norm(np.diff(fine, axis=0), axis=1)
    assert steps.sum() > 19.9
    rounded = round_corners(fine, 6.0)
    np.testing.assert_allclose(rounded[[0, -1]], COURSE[[0, -1]], atol=1e-9)
    assert np.linalg.norm(rounded - fine, axis=1).max() > 0.2


def test_smoothing_follows_sure_points_and_passes_unsure_ones():
    x = np.linspace(0, 20, 41)
    truth = np.stack([x, np.sin(x / 6), np.zeros_like(x)], axis=1)
    rng = np.random.default_rng(0)
    noisy = truth + 0.1 * rng.normal(size=truth.shape)
    noisy[20] += [0.0, 3.0, 0.0]
    sd = np.full(41, 0.1)
    sd[20] = 3.0
    smooth = smooth_course(noisy, sd, 4.0)
    assert np.abs(smooth - truth)[:, 1:].max() < 0.25
    assert np.std((smooth - truth)[2:-2, 1:]) < 0.07
