"""A sampled head in a scanner: volumes and truth, as the other families give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from nvc.errors import InputError
from nvc.model.anatomy import Side, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole
from nvc.phantom.anatomy import stream
from nvc.phantom.geometry.pose import lattice, move_world, reorder, rigid
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.options import PhantomOptions
from nvc.phantom.sampled.anatomy import FAMILY, WholeHead, build_scene
from nvc.phantom.sampled.lattice import Generator, Values, draw_noise
from nvc.phantom.sampled.picture.paint import Palette, TonedTube, pack, paint_plane
from nvc.phantom.sampled.picture.scanner import (
    Sampling,
    acquire,
    add_ghosts,
    add_noise,
    draw_gain,
)
from nvc.phantom.sampled.picture.signals import (
    MATTER,
    TIMING,
    Matter,
    Protocol,
    balanced,
    find_t2_levels,
    find_tof_levels,
    inflow,
)
from nvc.phantom.scene import draw_labels
from nvc.phantom.study import Phantom
from nvc.phantom.truth import describe
from nvc.phantom.vessels import PhantomVessel

SLAB_CENTRE = np.array([0.0, -8.0, 4.0])
"""Middle of a slab, head coordinates: between the canals, towards the cerebellum."""
SCALE = 900.0
_SPEED_MM_S = {"BA": 300.0, "VA": 250.0, "ICA": 350.0, "SCA": 120.0}
_SLOW_MM_S = (45.0, 130.0)
"""Blood's mean speed: trunks as measured by phase contrast, branches estimated."""
_UPSTREAM_MM = {"BA": 26.0, "VA": 4.0, "ICA": 0.0, "SCA": 45.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignalSet:
    """How one sequence sees a head.

    Parameters
    ----------
    levels : dict of Matter to float
        Signals.
    void : float
        What flow leaves of an artery's signal in a T2.
    vein : float
        The same for veins.
    flow : float
        Depth of the CSF's shading.
    """

    levels: dict[Matter, float]
    void: float
    vein: float
    flow: float


def make_sampled(options: PhantomOptions) -> Phantom:
    """Build a head from a seed and take its pictures.

    Parameters
    ----------
    options : PhantomOptions
        As for `nvc.phantom.make_phantom`. `csf_flow` is the depth of bands and of the
        CSF's shading; `point_spread_voxels` is not used: the spectrum that is sampled
        sets the sharpness.

    Raises
    ------
    InputError
        If a T1 or a vertebral artery at the nerve is asked for.
    GeometryError
        If a conflict cannot be laid in this head.
    """
    _check(options)
    scene = build_scene(options)
    tilt = rigid(options.tilt_deg, stream(options, FAMILY + 20).normal(0.0, 3.0, 3))
    motion = rigid(options.motion_deg, options.motion_mm)
    world = rigid(options.world_deg, options.world_mm)
    grids = _grids(options, tilt, motion)
    volumes: dict[SequenceRole, Volume] = {}
    for role, grid in grids.items():
        pose = motion @ tilt if role is SequenceRole.TOF else tilt
        back = np.asarray(np.linalg.inv(pose), dtype=float)
        image = _picture(scene, role, grid, back, options)
        whole = np.rint(np.clip(image * SCALE, 0, 32767))
        volumes[role] = _finished(Volume(grid=grid, voxels=whole), world, options)
    t2_grid = grids[SequenceRole.T2]
    labels = Volume(grid=t2_grid, voxels=draw_labels(scene.anatomy, t2_grid, tilt))
    head_to_ras = world @ tilt
    t2_to_tof = world @ motion @ np.linalg.inv(world)
    return Phantom(
        options=options,
        volumes=volumes,
        labels=_finished(labels, world, options),
        truth=describe(scene.anatomy, options, head_to_ras, t2_to_tof),
        anatomy=scene.anatomy,
        head_to_ras=head_to_ras,
    )


def _check(options: PhantomOptions) -> None:
    for side in Side:
        if options.conflict(side).vessel == "va":
            raise InputError.of(
                "bad-phantom", side.value, "asks for a VA; expected aica, pica or vein."
            )
    if options.with_t1:
        raise InputError.of(
            "bad-phantom", "with_t1", "is true; sampled heads have no T1."
        )


def find_protocol(options: PhantomOptions) -> Protocol:
    """Return the kind of cisternography that a seed has."""
    drawn = stream(options, FAMILY + 22).choice(list(Protocol), p=(0.4, 0.25, 0.35))
    return Protocol(str(drawn))


def _finished(volume: Volume, world: Points, options: PhantomOptions) -> Volume:
    return move_world(reorder(volume, options.storage_order), world)


def _grids(
    options: PhantomOptions, tilt: Points, motion: Points
) -> dict[SequenceRole, Grid]:
    centre = SLAB_CENTRE + stream(options, FAMILY + 21).normal(0.0, 1.5, 3)
    asked = {
        SequenceRole.T2: (
            options.t2_extent_mm, options.t2_voxel_mm, options.t2_obliquity_deg
        ),
        SequenceRole.TOF: (
            options.tof_extent_mm, options.tof_voxel_mm, options.tof_obliquity_deg
        ),
    }  # fmt: skip
    if not options.with_tof:
        del asked[SequenceRole.TOF]
    grids = {}
    for role, (extent, voxel, turn) in asked.items():
        pose = motion @ tilt if role is SequenceRole.TOF else tilt
        grids[role] = lattice(pose[:3, :3] @ centre + pose[:3, 3], extent, voxel, turn)
    return grids


def _picture(
    scene: WholeHead,
    role: SequenceRole,
    grid: Grid,
    head_from_ras: Points,
    options: PhantomOptions,
) -> Values:
    """Take one picture."""
    is_t2 = role is SequenceRole.T2
    rng = stream(options, FAMILY + (30 if is_t2 else 40))
    look = _draw_look(rng, is_t2, options)
    sampling = _draw_sampling(rng)
    tubes = _coloured(rng, scene, look, is_t2)
    palette = _palette(rng, scene, look, tubes)
    image = acquire(palette, grid, head_from_ras, sampling)
    if is_t2:
        protocol = find_protocol(options)
        if protocol is not Protocol.SPACE:
            image *= _bands(rng, grid, protocol, options.csf_flow)
        if rng.uniform() < 0.5:
            beating = _beating(scene, grid, head_from_ras)
            shift = int(rng.integers(grid.shape[1] // 9, grid.shape[1] // 4))
            image = add_ghosts(image, beating, float(rng.uniform(0.01, 0.05)), shift)
    image *= draw_gain(rng, grid, options.bias)
    # A TOF's noise is less beside its vessels than a cisternography's beside fluid.
    noise = options.noise if is_t2 else 0.6 * options.noise
    return add_noise(rng, image, noise, sampling)


def _draw_look(rng: Generator, is_t2: bool, options: PhantomOptions) -> SignalSet:
    """Draw a scanner's contrast; tissues differ a little from head to head."""
    protocol = find_protocol(options)
    levels = find_t2_levels(protocol) if is_t2 else find_tof_levels()
    for matter in levels:
        if matter is not Matter.FLUID:
            levels[matter] *= float(np.clip(rng.normal(1.0, 0.06), 0.85, 1.15))
    low, high = (0.01, 0.06) if protocol is Protocol.SPACE else (0.08, 0.35)
    return SignalSet(
        levels=levels,
        void=float(rng.uniform(low, high)),
        vein=float(rng.uniform(0.3, 1.0)),
        flow=options.csf_flow if is_t2 else 0.0,
    )


def _draw_sampling(rng: Generator) -> Sampling:
    """Draw how the spectrum is sampled: two heads in five are zero-filled."""
    shares = (1.0, 1.0, 1.0)
    if rng.uniform() < 0.4:
        phase, slices = rng.uniform(0.7, 1.0), rng.uniform(0.6, 1.0)
        shares = (float(rng.uniform(0.85, 1.0)), float(phase), float(slices))
    return Sampling(shares=shares, apodisation=float(rng.uniform(0.1, 0.6)))


def _palette(
    rng: Generator, scene: WholeHead, look: SignalSet, tubes: list[TonedTube]
) -> Palette:
    """Return the lattice's channels for a look."""
    levels = look.levels
    table = np.array([levels[matter] for matter in Matter], dtype=np.float32)
    outside = gaussian_filter(table[scene.outside], 0.5)
    stem, cerebellum = scene.fossa.stem.values, scene.fossa.cerebellum.values
    brain = np.minimum(stem, cerebellum)
    own = cerebellum < stem
    white = np.clip((-cerebellum - 3.2) / 1.5, 0.0, 1.0)
    grey = np.float32(levels[Matter.GREY] - levels[Matter.WHITE])
    tone = np.where(
        own,
        levels[Matter.GREY] - grey * white,
        np.float32(levels[Matter.STEM]),
    )
    tone = gaussian_filter(tone.astype(np.float32), 0.8)
    tone *= 1.0 + np.float32(0.03) * draw_noise(rng, 2.5)
    shade = 1.0 - np.float32(look.flow) * np.clip(draw_noise(rng, 7.0), 0.0, 2.5)
    channels = np.stack(
        [
            scene.fossa.room.values,
            brain,
            scene.fossa.leaves.phase,
            np.where(own, scene.fossa.leaves.depth, np.float32(0.0)),
            tone,
            outside,
            shade,
        ],
        axis=-1,
    ).astype(np.float32)
    return Palette(
        channels=np.ascontiguousarray(channels),
        tubes=pack(tubes),
        fluid=levels[Matter.FLUID],
    )


def _coloured(
    rng: Generator, scene: WholeHead, look: SignalSet, is_t2: bool
) -> list[TonedTube]:
    """Return all tubes from the bottom to the top; vessels lie over nerves."""
    levels = look.levels

    def flat(tube: CurvedTube, level: float) -> TonedTube:
        return TonedTube(tube=tube, signal=np.full(len(tube.nodes), level))

    found = [flat(tube, 0.96 * levels[Matter.FLUID]) for tube in scene.ears]
    found += [flat(tube, levels[Matter.PLEXUS]) for tube in scene.plexus]
    found += [flat(tube, levels[Matter.ARACHNOID]) for tube in scene.strands]
    for side in scene.anatomy.sides.values():
        nerves = (*side.others.values(), *side.thin)
        nerves = (*nerves, side.vestibulocochlear, side.visible_facial)
        found += [flat(tube, levels[Matter.NERVE]) for tube in nerves]
    for vessel in scene.anatomy.vessels:
        vein = vessel.kind is VesselKind.VEIN
        if is_t2 or vein:
            level = levels[Matter.VEIN if vein else Matter.ARTERY]
            part = (look.vein if vein else look.void) if is_t2 else 1.0
            found.append(flat(vessel.tube, level * part))
        else:
            found.append(_filling(rng, vessel))
    return found


def _filling(rng: Generator, vessel: PhantomVessel) -> TonedTube:
    """Return an artery with the blood that flows into it: fresh 1, ever less on."""
    trunk = vessel.name.partition("_")[0]
    speed = _SPEED_MM_S.get(trunk, float(rng.uniform(*_SLOW_MM_S)))
    before = _UPSTREAM_MM.get(trunk, 30.0) / 0.28
    arc = vessel.tube.arc
    time = before + 1000.0 * arc / speed
    fresh = float(inflow(np.zeros(1))[0])
    return TonedTube(tube=vessel.tube, signal=inflow(time) / fresh)


def _bands(rng: Generator, grid: Grid, protocol: Protocol, depth: float) -> Values:
    """Return what the field's faults leave of balanced signal: dark bands.

    CISS takes the brighter of two pictures whose bands lie apart, FIESTA is one.
    """
    axes = [
        (np.arange(n) - 0.5 * n) * edge
        for n, edge in zip(grid.shape, grid.voxel_size_mm, strict=True)
    ]
    x, y, z = np.meshgrid(*axes, indexing="ij", sparse=True)
    slopes = rng.normal(0.0, 0.9, 3)
    bend = rng.normal(0.0, 0.5, 2)
    fault = slopes[0] * x + slopes[1] * y + slopes[2] * z
    fault = (fault + bend[0] * x * y / 40.0 + bend[1] * (y * y - z * z) / 40.0) / 50.0
    turn = np.linspace(0.0, 2.0 * np.pi, 721)
    line = balanced(MATTER[Matter.FLUID], TIMING[protocol], turn)
    if protocol is Protocol.CISS:
        line = np.maximum(line, np.roll(line[:-1], 360)[np.arange(721) % 720])
    line = line / line[360] if protocol is Protocol.FIESTA else line / line.max()
    share = min(4.0 * depth, 1.0)
    phase = np.mod(np.pi + fault, 2.0 * np.pi)
    bands = 1.0 + share * (np.interp(phase, turn, line) - 1.0)
    return np.asarray(bands, dtype=np.float32)


def _beating(scene: WholeHead, grid: Grid, head_from_ras: Points) -> Values:
    """Return where arteries beat, 1 within them."""
    tubes = [
        TonedTube(tube=vessel.tube, signal=np.ones(len(vessel.tube.nodes)))
        for vessel in scene.anatomy.vessels
        if vessel.kind is VesselKind.ARTERY
    ]
    nothing = np.zeros((2, 2, 2, 7), dtype=np.float32)
    nothing[..., 0] = 1e3
    palette = Palette(channels=nothing, tubes=pack(tubes), fluid=0.0)
    to_head = head_from_ras @ grid.voxel_to_ras_mm
    flat = grid.shape[:2]
    planes = [paint_plane(palette, flat, k, to_head) for k in range(grid.shape[2])]
    return np.stack(planes, axis=2)
