"""The colours of a T2 cisternography and of a TOF, and what a scanner makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from nvc.model.grid import Grid
from nvc.model.study import SequenceRole
from nvc.phantom.geometry.shapes import Points, Solid
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator
from nvc.phantom.recoloured.fields import Field
from nvc.phantom.recoloured.fossa import FAINT
from nvc.phantom.recoloured.levels import Levels
from nvc.phantom.render import Image, draw_smooth_field, measure_coverage

CORTEX_FULL = 0.6
"""Tissue at which brain is brain: grey matter is darker than white in a T1."""
ERASE_MM = 1.6
"""Around a real trunk artery its displaced traces are wiped off as far as this."""
ERASE_NERVE_MM = 1.2
"""Beyond CN VII's drawn wall the T1's blurred nerve is wiped off as far as this."""
EDGE_MM = 0.3
"""Brain shows as far as this beyond half of its T1's level: grey matter is coloured as
dark as white, however pale."""
FADE_MM = 0.6
"""Width of the edge of what is wiped off or kept: a voxel."""
_SLICES = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Colours:
    """Signals of one sequence, as a fraction of CSF (T2) or an artery (TOF).

    Parameters
    ----------
    fluid, ear, brain, grey, bone, soft, artery, vein : float
        CSF, inner ear, white matter, what is added to it for grey matter, compact
        bone, marrow and muscle as bright as brain in the T1, and vessels.
    noise : float
        Deviation of each channel.
    shading : float
        Half range of the coil's smooth shading.
    """

    fluid: float
    ear: float
    brain: float
    grey: float
    bone: float
    soft: float
    artery: float
    vein: float
    noise: float
    shading: float


def draw_colours(rng: Generator, role: SequenceRole) -> Colours:
    """Draw a scanner's contrast. CSF over noise is 25 to 40 in the T2."""
    brain, vein, soft = rng.uniform([0.28, 0.12, 0.30], [0.36, 0.22, 0.45])
    noise = 1.0 / float(rng.uniform(25.0, 40.0))
    shading = float(rng.uniform(0.05, 0.25))
    if role is SequenceRole.T2:
        return Colours(
            fluid=1.0,
            ear=0.93,
            brain=float(brain),
            grey=0.08,
            bone=0.06,
            soft=float(soft),
            artery=0.03,
            vein=float(vein),
            noise=noise,
            shading=shading,
        )
    return Colours(
        fluid=0.13,
        ear=0.12,
        brain=0.36,
        grey=-0.03,
        bone=0.06,
        soft=0.36,
        artery=1.0,
        vein=0.36,
        noise=0.02,
        shading=shading,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coloured:
    """Everything that is coloured, head coordinates.

    Parameters
    ----------
    levels : Levels
        Of the T1.
    nerve_full : float
        Tissue at which a nerve's signal is that of brain.
    room : Field
        Distance to all that holds brain or fluid, negative inside.
    brain : Field
        Distance to the brain.
    canals, ears : tuple of Solid
        Fluid in bone.
    facials : tuple of CurvedTube
        CN VII from its root exit on, as the truth has it: drawn, since the T1 blurs
        its own and a picture must show the wall that gaps are measured from.
    eighths : tuple of CurvedTube
        CN VIII: the T1's own, kept where CN VII's traces are wiped off.
    trunks : tuple of CurvedTube
        BA and VA, which real ones lie under.
    arteries, veins : tuple of CurvedTube
        All that are drawn, trunks among them.
    """

    levels: Levels
    nerve_full: float
    room: Field
    brain: Field
    canals: tuple[Solid, ...]
    ears: tuple[Solid, ...]
    facials: tuple[CurvedTube, ...]
    eighths: tuple[CurvedTube, ...]
    trunks: tuple[CurvedTube, ...]
    arteries: tuple[CurvedTube, ...]
    veins: tuple[CurvedTube, ...]


def paint(scene: Coloured, grid: Grid, head_to_ras: Points, colours: Colours) -> Image:
    """Return what a sequence without faults would show, shape ``grid.shape``."""
    to_head = np.linalg.inv(head_to_ras) @ grid.voxel_to_ras_mm
    fluid_share = _share_of(scene.canals, grid, head_to_ras, 3)
    image = np.empty(grid.shape, dtype=np.float32)
    for start in range(0, grid.shape[2], _SLICES):
        part = slice(start, min(start + _SLICES, grid.shape[2]))
        points = _points(grid, to_head, part)
        image[:, :, part] = _ground(scene, points, colours, fluid_share[:, :, part])
    layers: list[tuple[Sequence[Solid], float]] = [
        (scene.ears, colours.ear),
        (scene.veins, colours.vein),
    ]
    for solids, level in layers:
        _lay(image, solids, grid, head_to_ras, level)
    _lay_nerves(image, scene, grid, head_to_ras, colours)
    for tube in scene.arteries:
        calibre = float(np.median(tube.radius))
        bright = float(np.interp(calibre, [0.35, 0.7, 1.2], [0.68, 0.88, 1.0]))
        level = colours.artery * (bright if colours.artery > 0.5 else 1.0)
        _lay(image, (tube,), grid, head_to_ras, level)
    return image


def _points(grid: Grid, to_head: Points, part: slice) -> Points:
    i, j, _ = grid.shape
    index = np.stack(
        np.meshgrid(
            np.arange(i), np.arange(j), np.arange(part.start, part.stop), indexing="ij"
        ),
        axis=-1,
    )
    points: Points = index @ to_head[:3, :3].T + to_head[:3, 3]
    return points


def _ground(scene: Coloured, points: Points, colours: Colours, canal: Image) -> Image:
    """Return the T1's own anatomy in the sequence's colours."""
    flat = points.reshape(-1, 3)
    tissue = scene.levels.tissue(points).reshape(-1)
    room = scene.room.distance(flat)
    inside = np.clip(0.5 - room / 0.5, 0.0, 1.0)
    inside = np.maximum(inside, canal.reshape(-1))
    near = np.flatnonzero(inside > 0.0)
    if len(near):
        tissue[near] = _without_trunks(scene, flat[near], tissue[near])
    full = np.clip((tissue - FAINT) / (scene.nerve_full - FAINT), 0.0, 1.0)
    cortex = np.clip(0.5 - scene.brain.distance(flat) / 0.8, 0.0, 1.0)
    full += cortex * (np.clip(tissue / CORTEX_FULL, 0.0, 1.0) - full)
    full = _without_facials(scene, flat, full)
    brain = colours.brain + colours.grey * np.clip(3.0 * (1.0 - tissue), 0.0, 1.0)
    within = colours.fluid + full * (brain - colours.fluid)
    csf, white = scene.levels.csf, scene.levels.brain
    above = np.clip((tissue * (white - csf) + csf) / white, 0.0, 2.5)
    beyond = colours.bone + (colours.soft - colours.bone) * np.clip(
        (above - 0.3) / 0.9, 0, 1.4
    )
    mixed = inside * within + (1.0 - inside) * beyond
    return mixed.reshape(points.shape[:-1]).astype(np.float32)


def _without_trunks(scene: Coloured, points: Points, tissue: Image) -> Image:
    """Wipe off what the T1 shows of the trunk arteries, outside the brain."""
    share = np.ones(len(points))
    for tube in scene.trunks:
        at = _near(tube, points)
        away = tube.distance(points[at])
        own = np.clip((away - ERASE_MM) / FADE_MM, 0.0, 1.0)
        in_brain = _in_brain(scene, points[at], 0.0)
        share[at] = np.minimum(share[at], np.maximum(own, in_brain))
    return (tissue * share).astype(np.float32)


def _without_facials(scene: Coloured, points: Points, full: Image) -> Image:
    """Wipe off what the T1 shows of CN VII; brain and CN VIII beside it stay.

    Brain is cut off where it shows, that its blurred edge does not widen the nerve.
    """
    left = full.copy()
    for facial, eighth in zip(scene.facials, scene.eighths, strict=True):
        at = _near(facial, points)
        away = facial.distance(points[at])
        kept = np.clip((away - ERASE_NERVE_MM) / FADE_MM, 0.0, 1.0)
        nearer = (away - eighth.distance(points[at])) / FADE_MM
        kept = np.maximum(kept, np.clip(0.5 + nearer, 0.0, 1.0))
        rest = np.minimum(full[at], _in_brain(scene, points[at], EDGE_MM))
        left[at] = rest + kept * (full[at] - rest)
    return left


def _near(tube: CurvedTube, points: Points) -> NDArray[np.intp]:
    """Return which points may lie where a tube's traces are wiped off."""
    low, high = tube.bounds()
    reach = ERASE_MM + FADE_MM
    box: NDArray[np.bool_] = ((points > low - reach) & (points < high + reach)).all(1)
    return np.flatnonzero(box)


def _in_brain(scene: Coloured, points: Points, beyond_mm: float) -> Points:
    """Return the share of brain by its wall alone, carried outwards by a length."""
    away = scene.brain.distance(points) - beyond_mm
    share: Points = np.clip(0.5 - away / FADE_MM, 0.0, 1.0)
    return share


def _share_of(
    solids: Sequence[Solid], grid: Grid, head_to_ras: Points, samples: int
) -> Image:
    share = np.zeros(grid.shape, dtype=np.float32)
    for solid in solids:
        found = measure_coverage(solid, grid, head_to_ras, samples)
        if found is not None:
            share[found[0]] = np.maximum(share[found[0]], found[1])
    return share


def _lay_nerves(
    image: Image, scene: Coloured, grid: Grid, head_to_ras: Points, colours: Colours
) -> None:
    """Lay CN VII into the fluid; brain and nerves that it lies on stay as they are.

    Its signal is that of the T1's own nerves, and it gets its partial volume once, as
    vessels do.
    """
    level = np.float32(colours.brain + colours.grey)
    towards = np.sign(level - colours.fluid)
    for facial in scene.facials:
        found = measure_coverage(facial, grid, head_to_ras, 4)
        if found is not None:
            box, share = found
            change = share * (level - image[box])
            image[box] += np.where(towards * change > 0.0, change, 0.0)


def _lay(
    image: Image,
    solids: Sequence[Solid],
    grid: Grid,
    head_to_ras: Points,
    level: float,
) -> None:
    for solid in solids:
        found = measure_coverage(solid, grid, head_to_ras, 4)
        if found is not None:
            box, share = found
            image[box] += share * (np.float32(level) - image[box])


def scan(
    rng: Generator, image: Image, grid: Grid, colours: Colours, acquired_mm: float
) -> Image:
    """Return an image as k-space up to the acquired resolution gives it, with noise.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of shading and noise.
    image : ndarray of float32
        Without faults.
    grid : Grid
        Its voxels.
    colours : Colours
        Noise and shading.
    acquired_mm : float
        Acquired voxel edge; no finer than what is stored.
    """
    shade = np.clip(draw_smooth_field(rng, grid, 100.0), -2.0, 2.0)
    image = image * (1.0 + 0.5 * colours.shading * shade)
    noise = rng.standard_normal((2, *image.shape), dtype=np.float32) * colours.noise
    real = _passed(image + noise[0], grid, acquired_mm)
    other = _passed(noise[1], grid, acquired_mm)
    return np.asarray(np.hypot(real, other), dtype=np.float32)


def _passed(image: Image, grid: Grid, acquired_mm: float) -> Image:
    """Keep the frequencies that were acquired; the edge of the window is soft."""
    spectrum = fft.rfftn(image)
    sizes = zip(image.shape, grid.voxel_size_mm, strict=True)
    for axis, (count, edge) in enumerate(sizes):
        turn = fft.rfftfreq if axis == 2 else fft.fftfreq
        part = np.abs(turn(count, edge)) * 2.0 * max(acquired_mm, edge)
        window = np.where(
            part > 1.0,
            0.0,
            np.cos(0.5 * np.pi * np.clip((part - 0.75) / 0.25, 0.0, 1.0)) ** 2,
        )
        shape = [1, 1, 1]
        shape[axis] = -1
        spectrum *= window.reshape(shape).astype(np.float32)
    passed: Image = fft.irfftn(spectrum, s=image.shape).astype(np.float32)
    return passed
