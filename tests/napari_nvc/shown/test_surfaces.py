"""Nerves and vessels as surfaces, coloured by their gap."""

from __future__ import annotations

import numpy as np
from napari_nvc.shown.surfaces import make_gap_surfaces, mesh_tube

from tests.napari_nvc.nerves import touching, tube


def test_a_tubes_wall_lies_at_its_radius_and_faces_outwards():
    course = tube((0, 0, 0), (10, 5, 3), 0.8)
    vertices, faces = mesh_tube(course)
    centres = np.repeat(course.points_mm, 12, axis=0)
    np.testing.assert_allclose(np.linalg.norm(vertices - centres, axis=1), 0.8)
    corners = vertices[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outward = corners.mean(axis=1) - centres[faces].mean(axis=1)
    assert (np.einsum("ij,ij->i", normal, outward) > 0).all()


def test_surfaces_are_red_where_the_walls_touch():
    (vertices, _, values), options, kind = make_gap_surfaces(touching())[0]
    assert kind == "surface"
    assert options["contrast_limits"] == (0.0, 3.0)
    assert len(vertices) == len(values)
    nearest = vertices[values < 0.2]
    assert len(nearest)
    np.testing.assert_allclose(nearest[:, 2].mean(), 5.0, atol=0.5)  # (S, A, R)
    assert values.max() == 3.0
