"""Directions along and across a course are those of the curve it was taken from."""

from __future__ import annotations

import numpy as np
from scipy.signal import savgol_filter

from nvc.tubes.curve import resample_with
from nvc.tubes.frames import frames_and_bends, tangents


def test_frames_know_tangent_and_bend_of_a_circle():
    angle = np.arange(0.0, 2.0, 0.1)
    circle = 5.0 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    frame, bend = frames_and_bends(circle, np.diag([0.04, 0.04, 0.09]))
    tangent = np.stack([-np.sin(angle), np.cos(angle), 0 * angle], axis=1)
    np.testing.assert_allclose(frame[:, 0], tangent, atol=0.01)
    np.testing.assert_allclose(
        frame @ frame.transpose(0, 2, 1),
        np.broadcast_to(np.eye(3), frame.shape),
        atol=1e-6,
    )
    towards = np.einsum("ni,nij->nj", bend, frame[:, 1:])
    np.testing.assert_allclose(towards, -circle / 25.0, atol=0.01)


def test_tangents_and_bends_are_those_of_savitzky_and_golay():
    t = np.linspace(0.0, 2.0, 21)
    points = np.stack([6 * np.cos(t), 6 * np.sin(t), 0.4 * t**2], axis=-1)
    points, _ = resample_with(points, points[:, :1], 0.5)
    step = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())
    frame, bend = frames_and_bends(points, np.eye(3) * 0.06)
    first = savgol_filter(points, 5, 2, deriv=1, delta=step, axis=0)
    second = savgol_filter(points, 5, 2, deriv=2, delta=step, axis=0)
    unit = first / np.linalg.norm(first, axis=1, keepdims=True)
    np.testing.assert_allclose(frame[:, 0], unit, atol=1e-9)
    np.testing.assert_allclose(
        bend, np.einsum("nij,nj->ni", frame[:, 1:], second), atol=1e-9
    )


def test_tangents_of_a_point_twice_are_nothing():
    assert not tangents(np.zeros((3, 3))).any()
