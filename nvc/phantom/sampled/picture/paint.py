"""Paints fine planes: level sets first, then tubes, each by its exact wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.sampled.lattice import LOW_MM, STEP_MM, Values

_FAR = 1e3
_FURROW = 0.72
"""Cosine of the leaves' phase from which on a furrow lies."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TonedTube:
    """A tube with its signal.

    Parameters
    ----------
    tube : CurvedTube
        Head coordinates.
    signal : ndarray, shape (N,)
        At every node.
    """

    tube: CurvedTube
    signal: Points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packed:
    """Tubes as plain arrays, in the order in which they are painted.

    Parameters
    ----------
    starts : ndarray, shape (T + 1,)
        First node of every tube, and their number.
    nodes : ndarray, shape (N, 9)
        Place, both half widths, direction of the first, mm; signal.
    """

    starts: NDArray[np.int64]
    nodes: Points


def pack(tubes: Sequence[TonedTube]) -> Packed:
    """Lay tubes one after the other."""
    counts = [len(own.tube.nodes) for own in tubes]
    rows = [
        np.column_stack(
            [own.tube.nodes, own.tube.sections, own.tube.across, own.signal]
        )
        for own in tubes
    ]
    return Packed(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        nodes=np.concatenate([np.empty((0, 9)), *rows]),
    )


@numba.njit(cache=True)
def _head(to_head, i, j, k):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return where a fine sample lies, head coordinates."""
    x = to_head[0, 0] * i + to_head[0, 1] * j + to_head[0, 2] * k + to_head[0, 3]
    y = to_head[1, 0] * i + to_head[1, 1] * j + to_head[1, 2] * k + to_head[1, 3]
    z = to_head[2, 0] * i + to_head[2, 1] * j + to_head[2, 2] * k + to_head[2, 3]
    return x, y, z


@numba.njit(cache=True)
def _read(channels, x, y, z, found):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Interpolate all channels at a place of the lattice; beyond it, its border."""
    nx, ny, nz, nc = channels.shape
    x = min(max(x, 0.0), nx - 1.001)
    y = min(max(y, 0.0), ny - 1.001)
    z = min(max(z, 0.0), nz - 1.001)
    a, b, c = int(x), int(y), int(z)
    u, v, w = np.float32(x - a), np.float32(y - b), np.float32(z - c)
    one = np.float32(1.0)
    p00, p01 = (one - u) * (one - v), (one - u) * v
    p10, p11 = u * (one - v), u * v
    for m in range(nc):
        lower = (
            p00 * channels[a, b, c, m]
            + p01 * channels[a, b + 1, c, m]
            + p10 * channels[a + 1, b, c, m]
            + p11 * channels[a + 1, b + 1, c, m]
        )
        upper = (
            p00 * channels[a, b, c + 1, m]
            + p01 * channels[a, b + 1, c + 1, m]
            + p10 * channels[a + 1, b, c + 1, m]
            + p11 * channels[a + 1, b + 1, c + 1, m]
        )
        found[m] = (one - w) * lower + w * upper


@numba.njit(cache=True)
def _share(apart, half):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the share of a fine sample that lies behind a wall."""
    return min(max(0.5 - apart / (2.0 * half), 0.0), 1.0)


@numba.njit(cache=True)
def _ground(out, k, to_head, channels, spacing):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Paint a plane from the lattice's channels.

    `spacing` holds the lattice's corner and step, the signal of CSF and half a sample.
    """
    low, step, fluid, half = spacing[:3], spacing[3], spacing[4], spacing[5]
    found = np.empty(channels.shape[3], dtype=np.float32)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            x, y, z = _head(to_head, i, j, k)
            x, y, z = (x - low[0]) / step, (y - low[1]) / step, (z - low[2]) / step
            _read(channels, x, y, z, found)
            value = found[5]
            room = _share(found[0], half)
            if room > 0.0:
                inside = fluid * found[6]
                brain = _share(found[1], half)
                deep = max(-found[1], 0.0)
                if brain > 0.0 and deep < found[3]:
                    furrow = (np.cos(found[2]) - _FURROW) / (1.0 - _FURROW)
                    brain *= 1.0 - 0.8 * max(furrow, 0.0) * (1.0 - deep / found[3])
                inside += brain * (found[4] - inside)
                value += room * (inside - value)
            out[i, j] = value


@numba.njit(cache=True)
def _to_wall(x, y, z, one, two):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the distance to the wall between two nodes, and where along them.

    Of a node: its place, both half widths, the direction of the first, its signal.
    """
    ex, ey, ez = two[0] - one[0], two[1] - one[1], two[2] - one[2]
    px, py, pz = x - one[0], y - one[1], z - one[2]
    part = (px * ex + py * ey + pz * ez) / (ex * ex + ey * ey + ez * ez + 1e-12)
    part = min(max(part, 0.0), 1.0)
    px, py, pz = px - part * ex, py - part * ey, pz - part * ez
    first = one[3] + part * (two[3] - one[3])
    second = one[4] + part * (two[4] - one[4])
    total = px * px + py * py + pz * pz
    if abs(first - second) < 1e-9:
        return np.sqrt(total) - first, part
    side = (
        px * (one[5] + part * (two[5] - one[5]))
        + py * (one[6] + part * (two[6] - one[6]))
        + pz * (one[7] + part * (two[7] - one[7]))
    )
    rest = max(total - side * side, 0.0)
    norm = np.sqrt((side / first) ** 2 + rest / second**2)
    slope = np.sqrt((side / first**2) ** 2 + rest / second**4)
    if slope < 1e-9:
        return -min(first, second), part
    return norm * (norm - 1.0) / slope, part


@numba.njit(cache=True)
def _span(first, second, reach, count):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the first and last index that a segment reaches along an axis."""
    low = max(int(np.floor(min(first, second) - reach)), 0)
    return low, min(int(np.ceil(max(first, second) + reach)), count - 1)


@numba.njit(cache=True)
def _stroke(nodes, at, n, k, to_head, field):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write how far a plane's samples are from one segment; return what it reached."""
    apart, tone, half = field
    edge = np.sqrt((to_head[:3, :3] ** 2).sum(axis=0))
    reach = max(nodes[n, 3:5].max(), nodes[n + 1, 3:5].max()) + half
    low, high = min(at[n, 2], at[n + 1, 2]), max(at[n, 2], at[n + 1, 2])
    if low - reach / edge[2] > k or high + reach / edge[2] < k:
        return 0, -1, 0, -1
    a0, a1 = _span(at[n, 0], at[n + 1, 0], reach / edge[0], apart.shape[0])
    b0, b1 = _span(at[n, 1], at[n + 1, 1], reach / edge[1], apart.shape[1])
    for i in range(a0, a1 + 1):
        for j in range(b0, b1 + 1):
            x, y, z = _head(to_head, i, j, k)
            value, part = _to_wall(x, y, z, nodes[n], nodes[n + 1])
            if value < apart[i, j]:
                apart[i, j] = value
                tone[i, j] = nodes[n, 8] + part * (nodes[n + 1, 8] - nodes[n, 8])
    return a0, a1, b0, b1


@numba.njit(cache=True)
def _tubes(out, k, to_head, tubes, field):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Paint all tubes that cross a plane, one over the other.

    `tubes` are their starts, their nodes and these as fine indices; `field` is room for
    distances and signals, and half a sample.
    """
    starts, nodes, at = tubes
    apart, tone, half = field
    for t in range(starts.shape[0] - 1):
        i0, i1, j0, j1 = out.shape[0], -1, out.shape[1], -1
        for n in range(starts[t], starts[t + 1] - 1):
            a0, a1, b0, b1 = _stroke(nodes, at, n, k, to_head, field)
            if a0 <= a1 and b0 <= b1:
                i0, i1, j0, j1 = min(i0, a0), max(i1, a1), min(j0, b0), max(j1, b1)
        for i in range(i0, i1 + 1):
            for j in range(j0, j1 + 1):
                if apart[i, j] < half:
                    share = _share(apart[i, j], half)
                    out[i, j] += share * (tone[i, j] - out[i, j])
                apart[i, j] = 1e3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Palette:
    """What a plane is painted from.

    Parameters
    ----------
    channels : ndarray, shape (X, Y, Z, 7)
        On the lattice: distance to the dura and to the brain, mm, negative inside;
        phase and depth of the leaves; signal of the brain and of what lies outside the
        dura; shading of the CSF.
    tubes : Packed
        What is painted over it.
    fluid : float
        Signal of CSF.
    """

    channels: Values
    tubes: Packed
    fluid: float


def paint_plane(
    palette: Palette, shape: tuple[int, int], k: int, to_head: Points
) -> Values:
    """Paint one plane of a fine grid.

    Parameters
    ----------
    palette : Palette
        What there is.
    shape : tuple of int
        Of the plane.
    k : int
        Number of the plane.
    to_head : ndarray, shape (4, 4)
        Maps fine indices to head coordinates, mm.
    """
    out = np.empty(shape, dtype=np.float32)
    half = 0.5 * float(np.linalg.norm(to_head[:3, :3], axis=0).mean())
    spacing = np.array([*LOW_MM, STEP_MM, palette.fluid, half])
    _ground(out, k, to_head, palette.channels, spacing)
    own = palette.tubes
    back = np.linalg.inv(to_head)
    at = own.nodes[:, :3] @ back[:3, :3].T + back[:3, 3]
    field = (np.full(shape, _FAR), np.zeros(shape), half)
    _tubes(out, k, to_head, (own.starts, own.nodes, at), field)
    return out
