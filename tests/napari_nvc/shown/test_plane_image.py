"""Planes beside the canvas, drawn from the layers without Qt."""

from __future__ import annotations

import numpy as np
import pytest
from napari_nvc.shown import layers
from napari_nvc.shown.plane_image import Slab, draw_plane

from nvc.model.grid import Volume
from tests.napari_nvc.spots import SPOT_MM, rotation, spot_volume

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


@pytest.mark.slow
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


@pytest.mark.slow
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
