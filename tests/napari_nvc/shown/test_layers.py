"""Stage values become layers at the right place, for every storage order."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from napari_nvc.shown import layers

from nvc.model.anatomy import Flag, Side, Structure
from nvc.model.findings import Report, ReportedLandmarks, SideReport, Software
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Companion
from nvc.model.study import SequenceRole
from tests.napari_nvc.spots import SPOT_MM, rotation, spot_volume


def centre_of_mass_mm(layer: layers.LayerData) -> np.ndarray:
    """Return the layer's centre of mass in RAS mm, from its own scale and offset."""
    data, options, _ = layer
    weights = np.clip(np.asarray(data, dtype=float), 0.1, None) - 0.1
    indices = np.indices(data.shape)
    centre = [(weights * axis).sum() / weights.sum() for axis in indices]
    world_sar = np.array(centre) * options["scale"] + options["translate"]
    return world_sar[::-1]


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SLA"])
@pytest.mark.parametrize("degrees", [0.0, 12.0], ids=["straight", "oblique"])
def test_an_image_stands_where_its_affine_says(codes, degrees):
    axes = rotation(0, degrees) @ rotation(2, degrees / 2)
    volume = spot_volume(codes, axes).canonical()
    grid = layers.choose_reading_grid(volume.grid)
    layer = layers.make_image_layer(volume, grid, "T2")
    np.testing.assert_allclose(centre_of_mass_mm(layer), SPOT_MM, atol=0.05)
    assert not {"affine", "rotate", "shear"} & set(layer[1])


def test_a_straight_volume_is_shown_without_resampling():
    volume = spot_volume("LPS", np.eye(3)).canonical()
    layer = layers.make_image_layer(
        volume, layers.choose_reading_grid(volume.grid), "T2"
    )
    np.testing.assert_array_equal(layer[0], volume.voxels.transpose(2, 1, 0))


def test_an_oblique_volume_lies_wholly_inside_its_reading_grid():
    volume = spot_volume("RAS", rotation(1, 30.0))
    grid = layers.choose_reading_grid(volume.grid)
    last = np.array(volume.grid.shape) - 1.0
    corners = np.stack(np.meshgrid(*((0.0, n) for n in last)), axis=-1).reshape(-1, 3)
    assert grid.contains(volume.grid.to_ras_mm(corners), margin_mm=-1e-6).all()
    np.testing.assert_allclose(grid.axes_ras, np.eye(3))


def test_a_companion_is_brought_to_the_reference():
    reference = spot_volume("RAS", np.eye(3))
    moved = np.eye(4)
    moved[:3, :3] = rotation(2, 5.0)
    moved[:3, 3] = (3.0, -2.0, 1.0)
    tof = Volume(
        grid=Grid(
            shape=reference.grid.shape,
            voxel_to_ras_mm=moved @ reference.grid.voxel_to_ras_mm,
        ),
        voxels=reference.voxels,
    )
    companion = Companion(
        role=SequenceRole.TOF,
        volume=tof,
        reference_to_companion_mm=moved,
        residual_mm=0.3,
    )
    layer = layers.make_overlay_layer(
        companion, layers.choose_reading_grid(reference.grid)
    )
    np.testing.assert_allclose(centre_of_mass_mm(layer), SPOT_MM, atol=0.05)


def test_labels_are_never_blended():
    volume = spot_volume("RAS", rotation(0, 10.0))
    labels = Volume(
        grid=volume.grid, voxels=np.where(volume.voxels > 0.3, 7, 0).astype(np.uint8)
    )
    layer = layers.make_label_layer(
        labels,
        layers.choose_reading_grid(volume.grid),
        {Structure.VESSEL_UNKNOWN: "#E052E0"},
    )
    assert set(np.unique(layer[0])) == {0, 7}
    np.testing.assert_allclose(centre_of_mass_mm(layer), SPOT_MM, atol=0.3)


def test_points_are_named_and_turned_to_the_viewers_axes():
    sides = {
        side: SideReport(
            flag=Flag.CLEAR,
            reasons=(),
            distance_mm=0.5,
            distance_ci_mm=(0.1, 0.9),
            closest_point_nerve_mm=(1.0 * side.sign, 2.0, 3.0),
            closest_point_vessel_mm=(1.5 * side.sign, 2.0, 3.0),
            landmarks=ReportedLandmarks(porus_mm=(20.0 * side.sign, 5.0, 1.0)),
        )
        for side in Side
    }
    report = Report(
        software=Software(name="nvc", version="0"),
        inputs=(),
        reference="t2",
        sides=sides,
    )
    points, options, kind = layers.make_landmark_layer(report)
    assert kind == "points"
    assert options["features"]["name"] == ["L porus", "R porus"]
    np.testing.assert_array_equal(points, [[1.0, 5.0, -20.0], [1.0, 5.0, 20.0]])
    closest, options, _ = layers.make_contact_layer(report)
    gap = "0.5 mm (0.1 to 0.9)"
    assert options["features"]["name"] == ["", f"L {gap}", "", f"R {gap}"]
    np.testing.assert_array_equal(closest[:, 2], [-1.0, -1.5, 1.0, 1.5])
    np.testing.assert_array_equal(closest[:, :2], [[3.0, 2.0]] * 4)


@pytest.mark.parametrize(
    ("plane", "expected"),
    [("axial", "RLAP"), ("coronal", "RLSI"), ("sagittal", "APSI")],
)
def test_edges_are_lettered_as_radiologists_expect(plane, expected):
    letters = layers.letter_edges(layers.PLANES[plane])
    found = letters.left + letters.right + letters.top + letters.bottom
    assert found == expected


def test_letters_follow_a_mirrored_camera():
    letters = layers.letter_edges((0, 1, 2), ("towards", "down", "right"))
    assert (letters.left, letters.right) == ("L", "R")
    assert (letters.top, letters.bottom) == ("P", "A")


def test_the_examples_in_the_docstrings_run():
    result = doctest.testmod(layers)
    assert result.attempted > 0
    assert result.failed == 0
