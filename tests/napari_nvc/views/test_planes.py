"""Planes beside the canvas, windows, crosshair, surfaces and strokes, without Qt."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from napari_nvc.shown import layers, windows
from napari_nvc.shown.crosshair import make_crosshair_vectors
from napari_nvc.shown.label_edits import carry_stroke
from napari_nvc.shown.plane_image import Slab, draw_plane
from napari_nvc.shown.surfaces import make_gap_surfaces, mesh_tube
from napari_nvc.shown.windows import PRESETS, Window

from nvc.model.anatomy import Side, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Segmentation, SideLandmarks, SideNerves, Tube, Vessel
from nvc.model.study import SequenceRole
from tests.napari_nvc.shown.test_layers import SPOT_MM, rotation, spot_volume

AXIS_OF_LETTER = {"R": 0, "A": 1, "S": 2}


def shown(volume: Volume):
    from napari.layers import Layer

    grid = layers.choose_reading_grid(volume.grid)
    return Layer.create(*layers.make_image_layer(volume, grid, "T2"))


def place_of_brightest(picture) -> tuple[float, float]:
    """Vertical and horizontal place of the centre of the bright spot, mm."""
    grey = picture.pixels[..., 0].astype(float)
    weight = np.clip(grey - 0.6 * grey.max(), 0, None)
    rows, columns = np.indices(grey.shape)
    row, column = (
        (weight * rows).sum() / weight.sum(),
        (weight * columns).sum() / weight.sum(),
    )
    high, wide = picture.step_mm
    return (picture.corner_mm[0] - row * high, picture.corner_mm[1] - column * wide)


@pytest.mark.parametrize("plane", list(layers.PLANES))
@pytest.mark.parametrize(
    ("codes", "degrees"),
    [("RAS", 0.0), ("PIR", 0.0), ("SLA", 0.0), ("RAS", 25.0), ("LPS", 25.0)],
)
def test_a_spot_lies_where_it_truly_is_in_every_plane(plane, codes, degrees):
    axes = rotation(0, degrees) @ rotation(2, degrees / 2)
    image = shown(spot_volume(codes, axes).canonical())
    axis, vertical, horizontal = layers.PLANES[plane]
    spot = layers.to_viewer(SPOT_MM)
    picture = draw_plane([image], plane, spot[axis], Slab())
    found = place_of_brightest(picture)
    # Half a voxel of the spot's volume is 0.3 to 0.4 mm.
    assert found == pytest.approx((spot[vertical], spot[horizontal]), abs=0.3)


@pytest.mark.parametrize("plane", list(layers.PLANES))
def test_up_and_left_are_the_letters_at_the_edges(plane):
    """The spot is to the right, front and bottom of the middle."""
    image = shown(spot_volume("RAS", np.eye(3)))
    axis = layers.PLANES[plane][0]
    depth = layers.to_viewer(SPOT_MM)[axis]
    picture = draw_plane([image], plane, depth, Slab())
    row, column = np.unravel_index(
        picture.pixels[..., 0].argmax(), picture.pixels.shape[:2]
    )
    letters = layers.letter_edges(layers.PLANES[plane])
    high, wide = np.array(picture.pixels.shape[:2]) / 2
    middle = image.extent.world.mean(axis=0)[::-1]
    for letter, towards in ((letters.top, row < high), (letters.left, column < wide)):
        number = AXIS_OF_LETTER[letter]
        assert towards == (SPOT_MM[number] > middle[number])


def test_a_slab_shows_the_brightest_or_the_darkest():
    image = shown(spot_volume("RAS", np.eye(3)))
    away = float(SPOT_MM[2]) + 7.0
    thin = draw_plane([image], "axial", away, Slab())
    thick = draw_plane([image], "axial", away, Slab(thickness_mm=16.0, mode="max"))
    least = draw_plane([image], "axial", away, Slab(thickness_mm=16.0, mode="min"))
    assert thin.pixels.max() < 100
    assert thick.pixels.max() > 200
    assert least.pixels.max() <= thin.pixels.max()


def test_labels_are_outlined_and_hidden_layers_are_left_out():
    from napari.layers import Labels

    image = shown(spot_volume("RAS", np.eye(3)))
    values = np.zeros(image.data.shape, dtype=np.uint8)
    values[20:30, 20:30, 20:30] = 2
    colours = {None: "transparent", 2: "red"}
    labels = Labels(
        values,
        colormap=colours,
        opacity=1.0,
        scale=image.scale,
        translate=image.translate,
    )
    depth = float(image.translate[0] + 25 * image.scale[0])
    red = draw_plane([image, labels], "axial", depth, Slab()).pixels
    is_red = (red[..., 0] > 200) & (red[..., 1] < 20)
    assert is_red.sum() == 36  # the edge of ten by ten voxels, its inside left free
    labels.visible = False
    bare = draw_plane([image, labels], "axial", depth, Slab()).pixels
    assert not ((bare[..., 0] > 200) & (bare[..., 1] < 20)).any()
    image.visible = False
    assert draw_plane([image, labels], "axial", depth, Slab()) is None


def test_dragging_widens_and_darkens():
    window = Window(black=0.0, white=100.0)
    assert window.drag(0.0, 0.0) == window
    wider = window.drag(150.0, 0.0)
    assert wider.white - wider.black > 100
    darker = window.drag(0.0, 30.0)
    assert darker.black == pytest.approx(10.0)
    assert darker.white - darker.black == pytest.approx(100.0)


def test_every_preset_separates_black_from_white():
    volume = spot_volume("RAS", np.eye(3))
    flat = Volume(grid=volume.grid, voxels=np.zeros(volume.grid.shape, np.float32))
    for presets in PRESETS.values():
        for preset in presets:
            for one in (volume, flat):
                window = preset.fit(one)
                assert window.black < window.white
    assert set(PRESETS) == {SequenceRole.T2, SequenceRole.T1, SequenceRole.TOF}


def test_the_crosshair_leaves_its_point_free_and_stays_inside():
    grid = Grid(shape=(50, 60, 70), voxel_to_ras_mm=np.diag([1.0, 1.0, 1.0, 1.0]))
    lines = make_crosshair_vectors((10.0, 20.0, 69.0), grid)
    starts, ends = lines[:, 0], lines[:, 0] + lines[:, 1]
    point = np.array([69.0, 20.0, 10.0])
    assert np.linalg.norm(starts - point, axis=1).min() > 2.0
    drawn = np.linalg.norm(lines[:, 1], axis=1) > 0
    assert drawn.sum() == 5  # towards the top there is no room
    assert (ends[drawn] >= -1e-9).all()
    assert (ends[drawn] <= np.array([69, 59, 49]) + 1e-9).all()


def tube(start, stop, radius: float) -> Tube:
    points = np.linspace(start, stop, 20)
    return Tube(
        points_mm=points,
        radius_mm=np.full(20, radius),
        position_sd_mm=np.full(20, 0.1),
    )


def test_a_tubes_wall_lies_at_its_radius_and_faces_outwards():
    course = tube((0, 0, 0), (10, 5, 3), 0.8)
    vertices, faces = mesh_tube(course)
    centres = np.repeat(course.points_mm, 12, axis=0)
    np.testing.assert_allclose(np.linalg.norm(vertices - centres, axis=1), 0.8)
    corners = vertices[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outward = corners.mean(axis=1) - centres[faces].mean(axis=1)
    assert (np.einsum("ij,ij->i", normal, outward) > 0).all()


def touching() -> Segmentation:
    """Return one nerve and one artery that crosses it, wall on wall."""
    nerve = SideNerves(
        facial=tube((0, 0, 0), (10, 0, 0), 0.5),
        vestibulocochlear=None,
        landmarks=SideLandmarks(),
    )
    crossing = Vessel(
        tube=tube((5, -8, 1.0), (5, 8, 1.0), 0.5),
        kind=VesselKind.ARTERY,
        seen_in=SequenceRole.TOF,
        confidence=1.0,
    )
    return Segmentation(sides={Side.RIGHT: nerve}, vessels=(crossing,))


def both_nerves() -> Segmentation:
    """Return a nerve a side, from 2 mm off the middle, detached at 4 mm."""
    sides = {}
    for side in Side:
        marks = SideLandmarks(root_detachment_mm=np.array([4.0 * side.sign, 0.0, 0.0]))
        course = tube((2.0 * side.sign, 0, 0), (12.0 * side.sign, 0, 0), 0.5)
        sides[side] = SideNerves(facial=course, vestibulocochlear=None, landmarks=marks)
    return Segmentation(sides=sides, vessels=())


def test_surfaces_are_red_where_the_walls_touch():
    (vertices, _, values), options, kind = make_gap_surfaces(touching())[0]
    assert kind == "surface"
    assert options["contrast_limits"] == (0.0, 3.0)
    assert len(vertices) == len(values)
    nearest = vertices[values < 0.2]
    assert len(nearest)
    np.testing.assert_allclose(nearest[:, 2].mean(), 5.0, atol=0.5)  # (S, A, R)
    assert values.max() == 3.0


@pytest.mark.parametrize("degrees", [0.0, 20.0], ids=["straight", "oblique"])
def test_a_stroke_lands_on_the_voxels_under_it(degrees):
    axes = rotation(0, degrees)
    volume = spot_volume("RAS", axes)
    labels = Volume(
        grid=volume.grid, voxels=np.zeros(volume.grid.shape, dtype=np.uint8)
    )
    grid = layers.choose_reading_grid(volume.grid)
    before = np.zeros(grid.shape[::-1], dtype=np.uint8)
    after = before.copy()
    places = np.moveaxis(np.indices(grid.shape), 0, -1)
    near = np.linalg.norm(grid.to_ras_mm(places.astype(float)) - SPOT_MM, axis=-1) < 2.0
    after[near.transpose(2, 1, 0)] = 5
    painted = carry_stroke(before, after, grid, labels)
    assert set(np.unique(painted)) == {0, 5}
    points = volume.grid.to_ras_mm(np.argwhere(painted).astype(float))
    np.testing.assert_allclose(points.mean(axis=0), SPOT_MM, atol=0.2)
    size = float(np.prod(volume.grid.voxel_size_mm)) * len(points)
    assert size == pytest.approx(4 / 3 * np.pi * 2.0**3, rel=0.1)


def test_nothing_painted_changes_nothing():
    volume = spot_volume("RAS", rotation(0, 20.0))
    values = (np.asarray(volume.voxels) > 0.5).astype(np.uint8)
    labels = Volume(grid=volume.grid, voxels=values)
    grid = layers.choose_reading_grid(volume.grid)
    empty = np.zeros(grid.shape[::-1], dtype=np.uint8)
    np.testing.assert_array_equal(
        carry_stroke(empty, empty, grid, labels), labels.voxels
    )


def test_the_examples_in_the_docstrings_run():
    result = doctest.testmod(windows)
    assert result.attempted > 0
    assert result.failed == 0
