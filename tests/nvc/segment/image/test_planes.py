"""Planes stand across their course and keep anterior and superior apart."""

from __future__ import annotations

import numpy as np

from nvc.segment.image.planes import lay_planes

COURSE = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [18.0, 6.0, 0.0]])


def stack():
    return lay_planes(
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
