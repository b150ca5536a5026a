"""The picture that blurred tubes before a brain surface make, voxel by voxel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from nvc.tubes.ellipse import blur_ellipse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Layout


# Parameters of one tube, in this order. Offsets (mm) of the centre along the two
# directions of the cross-section are polynomials in arc length s.
TERMS: Layout[int] = 5
OFFSET_U: Layout[int] = 0
OFFSET_V: Layout[int] = TERMS
LOG_RADIUS: Layout[int] = 2 * TERMS
STRETCH: Layout[int] = 2 * TERMS + 1
SHEAR: Layout[int] = 2 * TERMS + 2
TAPER: Layout[int] = 2 * TERMS + 3
CONTRAST: Layout[int] = 2 * TERMS + 4
PER_TUBE: Layout[int] = 2 * TERMS + 5
# Parameters of the brain surface: offset (mm), two tilts, contrast.
PER_SURFACE: Layout[int] = 4
# Parameters of the picture: log blur, the voxel shape's share in it, background
# and its slope along x, y and z.
LOG_BLUR: Layout[int] = 0
BLUR_SHAPE: Layout[int] = 1
LEVEL: Layout[int] = 2
PER_PICTURE: Layout[int] = 6


class ScenePicture:
    """Predicts the voxels of a scene, with derivatives.

    Parameters
    ----------
    places : ndarray, shape (tubes, M, 3)
        Arc length from the approach, u and v of every voxel on every tube.
    frames : ndarray, shape (tubes, M, 2, 3)
        The sections' directions there, along the voxel's own axes.
    surface : ndarray, shape (M, 3), or None
        Signed distance to the brain surface and the two coordinates in its plane.
    points_mm : ndarray, shape (M, 3)
        Voxel centres from the scene's centre.
    voxel : ndarray, shape (3, 2)
        Edge, mm, and log of it over the mean edge, along each voxel axis.
    """

    def __init__(
        self,
        places: NDArray[np.float64],
        frames: NDArray[np.float64],
        surface: NDArray[np.float64] | None,
        points_mm: NDArray[np.float64],
        voxel: NDArray[np.float64],
    ) -> None:
        if surface is None:
            surface = np.empty((0, 3))
        self._given = (places, frames, surface, points_mm, voxel)
        self._parameters = len(places) * PER_TUBE + PER_SURFACE + PER_PICTURE

    def predict(
        self, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Predict intensities, shape (M,), and derivatives, shape (M, P).

        `values` has shape (P,), ordered as in this module: tubes, surface, picture.
        """
        count = len(self._given[3])
        predicted, jacobian = np.empty(count), np.zeros((count, self._parameters))
        _draw(values, self._given, (predicted, jacobian))
        return predicted, jacobian


@nb.njit(cache=True, error_model="numpy")
def _draw(  # pragma: no cover - compiled
    values: NDArray[np.float64],
    given: tuple[NDArray[np.float64], ...],
    out: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Draw background, tubes and brain; arguments as of `ScenePicture`."""
    places, frames, surface, points, voxel = given
    predicted, jacobian = out
    base = places.shape[0] * PER_TUBE
    picture = base + PER_SURFACE
    _add_background(values[picture + LEVEL :], points, predicted, jacobian)
    spread = np.empty(3)
    for axis in range(3):
        shape = values[picture + BLUR_SHAPE] * voxel[axis, 1]
        spread[axis] = math.exp(2.0 * (values[picture + LOG_BLUR] + shape))
    optics = (spread, voxel)
    brain = _hidden(values[base:picture], surface, optics, len(points))
    hidden = brain[0]
    covered, whole = np.zeros(len(points)), np.ones(len(points))
    blur = jacobian[:, picture : picture + 2]
    for tube in range(places.shape[0]):
        own = slice(tube * PER_TUBE, (tube + 1) * PER_TUBE)
        # Nerve and brain are one tissue: where both are, it counts once.
        seen = 1.0 - hidden if tube == 0 else whole
        shown = (predicted, jacobian[:, own], blur, covered)
        _add_tube(values[own], (places[tube], frames[tube]), optics, seen, shown)
        if tube == 0 and len(surface):
            beneath = values[CONTRAST] * covered
            shown = (predicted, jacobian[:, base:picture], blur, beneath)
            _add_brain(values[base + 3], brain, surface, optics, shown)


@nb.njit(cache=True, error_model="numpy")
def _add_background(  # pragma: no cover - compiled
    p: NDArray[np.float64],
    points: NDArray[np.float64],
    predicted: NDArray[np.float64],
    jacobian: NDArray[np.float64],
) -> None:
    """Lay the background, a level and three slopes, whose columns are the last."""
    level = jacobian.shape[1] - 4
    for m in range(points.shape[0]):
        predicted[m] = p[0]
        jacobian[m, level] = 1.0
        for axis in range(3):
            predicted[m] += p[1 + axis] * points[m, axis]
            jacobian[m, level + 1 + axis] = points[m, axis]


@nb.njit(cache=True, error_model="numpy")
def _hidden(  # pragma: no cover - compiled
    p: NDArray[np.float64],
    surface: NDArray[np.float64],
    optics: tuple[NDArray[np.float64], NDArray[np.float64]],
    count: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Share of brain in every voxel, and its change with offset and edge's width."""
    share, by_offset, by_width = np.zeros(count), np.zeros(count), np.zeros(count)
    width = _edge_width(optics)
    for m in range(surface.shape[0]):
        height = surface[m, 0] - p[0] - surface[m, 1] * p[1] - surface[m, 2] * p[2]
        depth = height / width
        share[m] = 0.5 * math.erfc(depth / math.sqrt(2.0))
        density = math.exp(-0.5 * depth * depth) / math.sqrt(2.0 * math.pi)
        by_offset[m] = density / width
        by_width[m] = density * depth / width
    return share, by_offset, by_width


@nb.njit(cache=True, error_model="numpy")
def _edge_width(  # pragma: no cover - compiled
    optics: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> float:
    """Standard deviation of the brain's blurred edge, mm, whichever way it faces."""
    spread, voxel = optics
    return math.sqrt(np.mean(spread + voxel[:, 0] ** 2 / 12.0))


@nb.njit(cache=True, error_model="numpy")
def _add_brain(  # pragma: no cover - compiled
    contrast: float,
    brain: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    surface: NDArray[np.float64],
    optics: tuple[NDArray[np.float64], NDArray[np.float64]],
    out: tuple[NDArray[np.float64], ...],
) -> None:
    """Add the brain to the picture and write its derivatives.

    Parameters
    ----------
    contrast : float
        Of the brain.
    brain : tuple
        Of `_hidden`.
    surface : ndarray, shape (M, 3)
        As of `ScenePicture`.
    optics : tuple
        As of `_add_tube`.
    out : tuple
        Picture (M,), derivatives by the surface (M, 4) and by the blur (M, 2), and
        what the first tube would add where no brain hid it, shape (M,).
    """
    hidden, by_offset, by_width = brain
    spread, voxel = optics
    predicted, columns, blur, beneath = out
    width = _edge_width(optics)
    wider, reshaped = np.mean(spread) / width, np.mean(spread * voxel[:, 1]) / width
    for m in range(surface.shape[0]):
        predicted[m] += contrast * hidden[m]
        gained = contrast - beneath[m]
        columns[m, 0] = gained * by_offset[m]
        columns[m, 1] = gained * by_offset[m] * surface[m, 1]
        columns[m, 2] = gained * by_offset[m] * surface[m, 2]
        columns[m, 3] = hidden[m]
        blur[m, 0] += gained * by_width[m] * wider
        blur[m, 1] += gained * by_width[m] * reshaped


@nb.njit(cache=True, error_model="numpy")
def _blur_across(  # pragma: no cover - compiled
    frame: NDArray[np.float64],
    spread: NDArray[np.float64],
    voxel: NDArray[np.float64],
) -> tuple[float, float, float]:
    """Covariance of point spread and voxel within a section: (uu, uv, vv)."""
    c_uu = c_uv = c_vv = 0.0
    for axis in range(3):
        f, g = frame[0, axis], frame[1, axis]
        variance = spread[axis] + voxel[axis, 0] ** 2 / 12.0
        c_uu += f * f * variance
        c_uv += f * g * variance
        c_vv += g * g * variance
    return c_uu, c_uv, c_vv


@nb.njit(cache=True, error_model="numpy")
def _add_tube(  # pragma: no cover - compiled
    p: NDArray[np.float64],
    geometry: tuple[NDArray[np.float64], NDArray[np.float64]],
    optics: tuple[NDArray[np.float64], NDArray[np.float64]],
    seen: NDArray[np.float64],
    out: tuple[NDArray[np.float64], ...],
) -> None:
    """Add one tube to the picture and write its derivatives.

    Parameters
    ----------
    p : ndarray, shape (15,)
        The tube's parameters.
    geometry : tuple
        Places, shape (M, 3), and frames, shape (M, 2, 3).
    optics : tuple
        Variance of the point spread along each voxel axis, shape (3,), and the
        voxel's edges with the log of their ratio, shape (3, 2).
    seen : ndarray, shape (M,)
        Share of each voxel that is not hidden by the brain.
    out : tuple
        Picture (M,), derivatives by `p` (M, 15), by the blur (M, 2), coverage (M,).
    """
    place, frame = geometry
    spread, voxel = optics
    predicted, columns, blur, covered = out
    value = np.empty(9)
    for m in range(place.shape[0]):
        s = place[m, 0]
        u, v, lever = place[m, 1], place[m, 2], 1.0
        for power in range(TERMS):
            u -= lever * p[OFFSET_U + power]
            v -= lever * p[OFFSET_V + power]
            lever *= s
        size = math.exp(p[LOG_RADIUS] + s * p[TAPER])
        half_a, half_b = size * math.exp(p[STRETCH]), size * math.exp(-p[STRETCH])
        shape = (half_a, half_b, 2.0 * p[SHEAR])
        blur_ellipse(u, v, shape, _blur_across(frame[m], spread, voxel), value)
        covered[m] = value[0]
        if value[0] == 0.0:
            continue
        scale = p[CONTRAST] * seen[m]
        predicted[m] += scale * value[0]
        lever = scale
        for power in range(TERMS):
            columns[m, OFFSET_U + power] = -lever * value[1]
            columns[m, OFFSET_V + power] = -lever * value[2]
            lever *= s
        wider = half_a * value[3] + half_b * value[4]
        columns[m, LOG_RADIUS] = scale * wider
        columns[m, TAPER] = scale * wider * s
        columns[m, STRETCH] = scale * (half_a * value[3] - half_b * value[4])
        columns[m, SHEAR] = scale * 2.0 * value[5]
        columns[m, CONTRAST] = seen[m] * value[0]
        for axis in range(3):
            f, g = frame[m, 0, axis], frame[m, 1, axis]
            bends = f * f * value[6] + f * g * value[7] + g * g * value[8]
            change = 2.0 * spread[axis] * scale * bends
            blur[m, 0] += change
            blur[m, 1] += change * voxel[axis, 1]
