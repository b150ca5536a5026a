"""Draws an anatomy into a volume: what lies over what, and how bright it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nvc.model.anatomy import (
    FACIAL_LABEL,
    VESTIBULOCOCHLEAR_LABEL,
    Structure,
    VesselKind,
)
from nvc.model.grid import Grid
from nvc.model.study import SequenceRole
from nvc.phantom import tissues
from nvc.phantom.anatomy import Anatomy, stream
from nvc.phantom.geometry.shapes import Offset, Points, Solid, Union
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.render import (
    Box,
    Image,
    add_rician_noise,
    blur,
    draw_smooth_field,
    measure_coverage,
)
from nvc.phantom.tissues import Layer, Tissue

if TYPE_CHECKING:
    from nvc.phantom.head import Generator
    from nvc.phantom.options import PhantomOptions


def stack_layers(anatomy: Anatomy) -> list[Layer]:
    """Return all solids from the bottom to the top."""
    head = anatomy.head
    spaces = [head.fossa, *(side.ear.canal for side in anatomy.sides.values())]
    drawn = [*anatomy.surroundings]
    drawn.append(Layer(solid=Union(tuple(spaces), 0.8), tissue=tissues.CSF))
    for side in anatomy.sides.values():
        drawn.append(Layer(solid=side.ear.cells, tissue=tissues.AIR))
        drawn.append(Layer(solid=side.ear.fluid, tissue=tissues.PERILYMPH))
    drawn += [
        Layer(solid=head.cerebellum, tissue=tissues.CORTEX),
        Layer(solid=Offset(head.cerebellum, -7.0), tissue=tissues.WHITE),
        Layer(solid=head.brainstem, tissue=tissues.BRAINSTEM),
        Layer(solid=head.ventricle, tissue=tissues.CSF),
    ]
    return drawn + _tubes(anatomy)


def _tubes(anatomy: Anatomy) -> list[Layer]:
    """Return nerves, then vessels: where they touch, the vessel is drawn over."""
    drawn = []
    for side in anatomy.sides.values():
        nerves = (*side.others.values(), *side.thin)
        nerves = (*nerves, side.vestibulocochlear, side.visible_facial)
        drawn += [Layer(solid=tube, tissue=tissues.NERVE, samples=3) for tube in nerves]
    for vessel in anatomy.vessels:
        tissue = tissues.VEIN if vessel.kind is VesselKind.VEIN else _flow(vessel.tube)
        drawn.append(Layer(solid=vessel.tube, tissue=tissue, samples=3))
    return drawn


def _flow(tube: CurvedTube) -> Tissue:
    """Return an artery's tissue: small arteries are less bright in TOF."""
    calibre = float(np.median(tube.radius))
    bright = float(np.interp(calibre, [0.35, 0.7, 1.2], [0.68, 0.88, 1.0]))
    return Tissue(t2=tissues.ARTERY.t2, tof=bright, t1=tissues.ARTERY.t1)


def draw(
    anatomy: Anatomy,
    grid: Grid,
    head_to_ras: Points,
    role: SequenceRole,
    options: PhantomOptions,
    rng: Generator,
) -> Image:
    """Render one sequence; CSF is 1 in T2, an artery 1 in TOF, fat 1 in T1.

    Parameters
    ----------
    anatomy : Anatomy
        In head coordinates.
    grid : Grid
        The lattice, canonical storage order.
    head_to_ras : ndarray, shape (4, 4)
        Pose of the head during this sequence.
    role : SequenceRole
        Sets the contrast.
    options : PhantomOptions
        Noise, shading and point spread.
    rng : numpy.random.Generator
        Of texture, shading and noise.
    """
    mottle = _mix(draw_smooth_field(rng, grid, 1.6), draw_smooth_field(rng, grid, 7.0))
    flow = _flow_shading(draw_smooth_field(rng, grid, 14.0), options.csf_flow)
    contrast = tissues.draw_contrast(stream(options, 9), role)
    image = np.zeros(grid.shape, dtype=np.float32)
    for layer in stack_layers(anatomy):
        found = measure_coverage(layer.solid, grid, head_to_ras, layer.samples)
        if found is None:
            continue
        box, share = found
        level = layer.tissue.signal(role) * contrast.get(layer.tissue, 1.0)
        signal: Image = np.full(share.shape, level, np.float32)
        if layer.tissue is tissues.CORTEX:
            fluid = np.float32(tissues.CSF.signal(role))
            signal += _folia(grid, head_to_ras, box, mottle[box]) * (fluid - signal)
        elif layer.tissue.texture > 0.0:
            signal *= 1.0 + np.float32(layer.tissue.texture) * mottle[box]
        elif layer.tissue is tissues.CSF and role is SequenceRole.T2:
            signal *= flow[box]
        image[box] += share * (signal - image[box])
    image = blur(image, options.point_spread_voxels)
    image *= 1.0 + 0.5 * options.bias * np.clip(
        draw_smooth_field(rng, grid, 110.0), -2.0, 2.0
    )
    return add_rician_noise(rng, image, options.noise)


def _folia(grid: Grid, head_to_ras: Points, box: Box, sway: Image) -> Image:
    """Return the share of CSF between the leaves of the cerebellum.

    The leaves lie around the fourth ventricle, some 2.6 mm apart.
    """
    to_head = np.linalg.inv(head_to_ras) @ grid.voxel_to_ras_mm
    squared = np.zeros(sway.shape, dtype=np.float32)
    axes = np.ogrid[box]
    for row, middle in enumerate((0.0, -8.0, 8.0)):
        along = (
            to_head[row, 3]
            - middle
            + sum(to_head[row, column] * axes[column] for column in range(3))
        )
        squared += np.asarray(along, dtype=np.float32) ** 2
    wave = np.cos(
        (np.sqrt(squared) + np.float32(2.5) * sway) * np.float32(2.0 * np.pi / 2.6)
    )
    share: Image = np.float32(0.22) * np.clip(wave, 0.0, 1.0) ** 2
    return share


def _mix(fine: Image, coarse: Image) -> Image:
    mixed: Image = np.float32(0.5) * fine + np.float32(0.87) * coarse
    return mixed


def _flow_shading(field: Image, depth: float) -> Image:
    shading: Image = np.float32(1.0) - np.float32(depth) * np.clip(field, 0.0, 2.5)
    return shading


def draw_labels(anatomy: Anatomy, grid: Grid, head_to_ras: Points) -> NDArray[np.uint8]:
    """Return `nvc.model.anatomy.Structure` values at the voxels' centres, uint8."""
    labels = np.zeros(grid.shape, dtype=np.uint8)
    drawn: list[tuple[Solid, Structure]] = [
        (anatomy.head.brainstem, Structure.BRAINSTEM)
    ]
    for side, parts in anatomy.sides.items():
        drawn.append((parts.vestibulocochlear, VESTIBULOCOCHLEAR_LABEL[side]))
        drawn.append((parts.visible_facial, FACIAL_LABEL[side]))
    for vessel in anatomy.vessels:
        vein = vessel.kind is VesselKind.VEIN
        drawn.append((vessel.tube, Structure.VEIN if vein else Structure.ARTERY))
    for solid, value in drawn:
        found = measure_coverage(solid, grid, head_to_ras, 1)
        if found is not None:
            box, share = found
            labels[box][share >= 0.5] = value
    return labels
