"""Brainstem, cerebellum with its leaves, and the room inside the dura."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.sampled.blobs import FAR, Blob, melt, smooth_max
from nvc.phantom.sampled.lattice import (
    LOW_MM,
    SHAPE,
    STEP_MM,
    Generator,
    LevelSet,
    Values,
    draw_noise,
    find_axes,
    settle_distances,
)

FOLIUM_MM = (2.0, 3.2)
"""Distance of neighbouring leaves."""
_LOBULES = 26
_LOBULE_MM = 11.0
"""Least distance of two lobules' middles."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaves:
    """How the cerebellum is cut into leaves.

    Parameters
    ----------
    hull : LevelSet
        The cerebellum before it was cut: vessels run upon it.
    phase : ndarray
        Furrows lie where its cosine is greatest, rad.
    depth : ndarray
        How deep they go, mm; 0 outside the cerebellum.
    """

    hull: LevelSet
    phase: Values
    depth: Values


def _vary(rng: Generator, blob: Blob, place_mm: float, size: float) -> Blob:
    """Move and scale a blob at random; what lies on the midline stays there."""
    shift = rng.normal(0.0, place_mm, 3) * (np.array(blob.centre) != 0.0)
    a, b, c = np.array(blob.semi) * np.clip(rng.normal(1.0, size, 3), 0.85, 1.15)
    x, y, z = np.array(blob.centre) + shift
    return Blob((x, y, z), (a, b, c), blob.power, blob.turn_deg)


def build_stem(rng: Generator) -> tuple[LevelSet, LevelSet]:
    """Build pons, peduncles, medulla with pyramids and olives, and midbrain.

    Pons 35 mm wide, 27 mm high and 25 mm deep; medulla 20 mm wide. The furrow between
    both stays sharp.

    Returns
    -------
    LevelSet
        All but the medulla: what CN VII lies on.
    LevelSet
        All.
    """
    upper = [
        _vary(rng, Blob((0.0, -4.0, 13.2), (17.5, 12.5, 13.2), 2.3), 0.5, 0.03),
        _vary(rng, Blob((0.0, -7.0, 33.0), (14.0, 11.0, 13.0), 2.2), 0.5, 0.04),
    ]
    lower = [
        _vary(rng, Blob((0.0, -8.5, -7.0), (9.6, 6.8, 13.0), 2.4), 0.4, 0.03),
        _vary(rng, Blob((0.0, -13.0, -26.0), (7.2, 6.2, 18.0), 2.2), 0.4, 0.03),
    ]
    for sign in (1.0, -1.0):
        peduncle = Blob((sign * 18.5, -13.0, 12.5), (9.0, 10.0, 8.0), 2.2)
        crus = Blob((sign * 10.0, 1.5, 34.0), (6.0, 7.5, 12.0), 2.0, (-25.0, 0.0, 0.0))
        upper += [_vary(rng, peduncle, 0.6, 0.05), _vary(rng, crus, 0.5, 0.05)]
        pyramid = Blob((sign * 3.1, -2.9, -8.0), (3.0, 2.8, 10.5))
        olive = Blob((sign * 7.9, -5.0, -7.0), (2.9, 3.6, 6.0))
        lower += [_vary(rng, pyramid, 0.2, 0.05), _vary(rng, olive, 0.3, 0.08)]
    pons, medulla = melt(upper, 6.0), melt(lower, 0.9)
    x, y, _ = find_axes()
    # The basilar artery's bed: a shallow groove down the middle.
    groove = np.float32(rng.uniform(0.4, 1.1)) * np.exp(-((x / 3.0) ** 2)) * (y > 0.0)
    pons = smooth_max(pons + groove, pons, 0.3)
    uneven = np.float32(0.25) * draw_noise(rng, 3.5)
    joined = -smooth_max(-pons, -medulla, 0.8)
    return (
        LevelSet(settle_distances(pons + uneven)),
        LevelSet(settle_distances(joined + uneven)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opening:
    """What the wall of one side is laid around, head coordinates, mm.

    Parameters
    ----------
    porus, fundus : ndarray, shape (3,)
        Ends of the axis of the internal auditory canal.
    face_normal : ndarray, shape (3,)
        Of the petrous bone's posterior face, into the fossa.
    canal : CurvedTube
        The internal auditory canal with its wide mouth.
    cave : CurvedTube
        Meckel's cave.
    jugular : CurvedTube
        The jugular foramen.
    """

    porus: Points
    fundus: Points
    face_normal: Points
    canal: CurvedTube
    cave: CurvedTube
    jugular: CurvedTube


def build_room(rng: Generator, openings: Sequence[Opening]) -> LevelSet:
    """Build the posterior fossa's room, with its canals and the foramen magnum."""
    x, y, z = find_axes()
    bowl = Blob((0.0, -24.0, 6.0), (54.0, 49.0, 42.0), 2.5)
    room = melt([_vary(rng, bowl, 0.5, 0.02)], 1.0)
    rough = np.float32(0.7) * draw_noise(rng, 7.0)
    # The clivus leans forwards, and is hollow from side to side.
    lean = np.float32(rng.normal(0.52, 0.05))
    ahead = np.float32(12.6 + rng.normal(0.0, 1.0)) + lean * (z - 6.0)
    clivus = (y - ahead + np.float32(0.012) * x * x) / np.sqrt(1.0 + lean**2)
    room = smooth_max(room, clivus + rough, 2.0)
    for own in openings:
        normal, at = own.face_normal, own.porus
        flat = x * normal[0] + y * normal[1] + z * normal[2] - float(at @ normal)
        near = (x - at[0]) ** 2 + (y - at[1]) ** 2 + (z - at[2]) ** 2
        # At the porus the face is where it was drawn.
        calm = (1.0 - np.exp(-near / np.float32(50.0))).astype(np.float32)
        room = smooth_max(room, (-flat + calm * rough).astype(np.float32), 2.0)
    tent = z - np.float32(rng.normal(23.0, 1.5)) - np.float32(0.55) * (38.0 - np.abs(x))
    room = smooth_max(room, np.broadcast_to(tent, SHAPE).astype(np.float32), 2.0)
    magnum = Blob((0.0, -18.0, -45.0), (15.0, 15.0, 26.0), 2.5)
    room = np.minimum(room, melt([magnum], 1.0))
    tubercle = Blob((19.0, 4.0, -17.0), (6.5, 8.0, 7.5), 2.2)
    tubercles = [_vary(rng, own, 0.8, 0.08) for own in (tubercle, tubercle.mirrored())]
    room = smooth_max(room, -melt(tubercles, 1.0), 2.0)
    room = settle_distances(room)
    for own in openings:
        for tube in (own.canal, own.cave, own.jugular):
            _hollow(room, tube, 1.0)
    return LevelSet(room)


def _hollow(room: Values, tube: CurvedTube, blend_mm: float) -> None:
    """Join a tube to the room in place."""
    box, apart = _near(tube, 4.0)
    both = np.maximum(blend_mm - np.abs(room[box] - apart), 0.0)
    room[box] = np.minimum(room[box], apart) - 0.25 * both * both / blend_mm


def _near(tube: CurvedTube, margin_mm: float) -> tuple[tuple[slice, ...], Values]:
    """Return the lattice's box around a tube, and distances in it."""
    low, high = tube.bounds()
    first = np.floor((low - margin_mm - LOW_MM) / STEP_MM).astype(int)
    last = np.ceil((high + margin_mm - LOW_MM) / STEP_MM).astype(int) + 1
    box = tuple(
        slice(max(a, 0), max(min(b, n), 0))
        for a, b, n in zip(first, last, SHAPE, strict=True)
    )
    axes = [axis.ravel()[part] for axis, part in zip(find_axes(), box, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).astype(float)
    apart = tube.distance(points.reshape(-1, 3)).reshape(points.shape[:3])
    return box, apart.astype(np.float32)


def carve(solid: LevelSet, tube: CurvedTube, gap_mm: float) -> LevelSet:
    """Return a solid without what lies nearer to a tube's wall than `gap_mm`."""
    values = solid.values.copy()
    box, apart = _near(tube, gap_mm + 2.0)
    values[box] = np.maximum(values[box], np.float32(gap_mm) - apart)
    return LevelSet(values)


def build_cerebellum(rng: Generator, room: LevelSet) -> tuple[LevelSet, Leaves]:
    """Build hemispheres, vermis, tonsils and flocculi, with fissures and leaves."""
    blobs = [_vary(rng, Blob((0.0, -45.0, 14.0), (11.0, 22.0, 23.0)), 0.5, 0.04)]
    for sign in (1.0, -1.0):
        parts = (
            (Blob((28.0, -39.0, 4.0), (33.0, 31.0, 31.0), 2.4), 1.0, 0.03),
            (Blob((9.0, -26.0, -13.0), (8.0, 11.0, 12.0), 2.3), 1.0, 0.08),
            (Blob((21.5, -10.0, 3.5), (5.5, 4.0, 3.6)), 1.1, 0.12),
            (Blob((25.0, -16.5, 3.0), (4.0, 6.0, 3.0)), 0.8, 0.10),
        )
        for blob, place, size in parts:
            own = _vary(rng, blob, place, size)
            blobs.append(own if sign > 0 else own.mirrored())
    body = melt(blobs, 1.5) + np.float32(0.5) * draw_noise(rng, 5.0)
    sleeve = np.float32(1.7) + np.float32(0.6) * draw_noise(rng, 8.0)
    body = smooth_max(body, room.values + np.maximum(sleeve, np.float32(0.7)), 2.0)
    body = settle_distances(body)
    phase, border = _cut_lobules(rng)
    deep = np.float32(7.0) + np.float32(3.0) * draw_noise(rng, 10.0)
    fissure = np.minimum(np.float32(0.42) - border, body + np.maximum(deep, 2.0))
    cut = np.maximum(body, fissure)
    depth = np.clip(2.6 + 1.2 * draw_noise(rng, 5.0), 0.6, 5.0).astype(np.float32)
    return LevelSet(cut), Leaves(hull=LevelSet(body), phase=phase, depth=depth)


def _cut_lobules(rng: Generator) -> tuple[Values, Values]:
    """Return the leaves' phase, and the distance to the next fissure, mm.

    Lobules are the cells nearest to random middles. The leaves of each stand across
    its surface, with a direction and a distance of their own.
    """
    x, y, z = find_axes()
    warp = [np.float32(1.8) * draw_noise(rng, 4.0) for _ in range(3)]
    first = np.full(SHAPE, FAR, dtype=np.float32)
    second = np.full(SHAPE, FAR, dtype=np.float32)
    phase = np.zeros(SHAPE, dtype=np.float32)
    moved = (x + warp[0], y + warp[1], z + warp[2])
    seeds = np.full((1, 3), np.inf)
    for _ in range(4 * _LOBULES):
        outwards = rng.normal(0.0, 1.0, 3)
        outwards /= np.linalg.norm(outwards)
        middle = np.array([np.sign(outwards[0]) * 24.0, -38.0, 5.0])
        seed = middle + outwards * np.array([24.0, 24.0, 20.0])
        crowded = np.linalg.norm(seeds - seed, axis=1).min() < _LOBULE_MM
        if crowded or len(seeds) > _LOBULES:
            continue
        seeds = np.concatenate([seeds, seed[None]])
        along = np.cross(outwards, rng.normal(0.0, 1.0, 3))
        along /= np.linalg.norm(along)
        apart = np.sqrt(
            sum(
                (axis - np.float32(s)) ** 2 for axis, s in zip(moved, seed, strict=True)
            )
        )
        wave = np.float32(2.0 * np.pi / rng.uniform(*FOLIUM_MM))
        own = wave * sum(
            axis * np.float32(a) for axis, a in zip(moved, along, strict=True)
        )
        closer = apart < first
        second = np.where(closer, first, np.minimum(second, apart))
        phase = np.where(closer, own, phase)
        first = np.minimum(first, apart)
    return phase.astype(np.float32), (0.5 * (second - first)).astype(np.float32)


def build_ventricle(rng: Generator) -> LevelSet:
    """Build the fourth ventricle with its lateral recesses."""
    wide = float(rng.uniform(0.85, 1.2))
    blobs = [
        Blob((0.0, -19.0, 9.0), (5.5 * wide, 3.4 * wide, 11.0)),
        Blob((0.0, -22.0, 7.0), (2.5, 3.5, 4.0)),
    ]
    for sign in (1.0, -1.0):
        turn = (0.0, 0.0, sign * 25.0)
        recess = Blob((sign * 9.0, -15.0, 1.0), (7.5, 1.3 * wide, 1.7), 2.0, turn)
        blobs.append(recess)
    return LevelSet(settle_distances(melt(blobs, 1.5)))
