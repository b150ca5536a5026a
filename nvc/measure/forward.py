"""The picture that blurred tubes before a brain surface make, voxel by voxel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba as nb
import numpy as np
from scipy.special import erfc

from nvc.measure.blurred_ellipse import blurred_ellipse

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Parameters of one tube, in this order. Offsets (mm) of the centre along the two
# directions of the cross-section are polynomials in arc length s.
TERMS = 5
OFFSET_U, OFFSET_V = 0, TERMS
LOG_RADIUS, STRETCH, SHEAR, TAPER, CONTRAST = range(2 * TERMS, 2 * TERMS + 5)
PER_TUBE = 2 * TERMS + 5
# Parameters of the brain surface: offset (mm), two tilts, contrast.
PER_SURFACE = 4
# Parameters of the picture: log blur, the voxel shape's share in it, background
# and its slope along x, y and z.
LOG_BLUR, BLUR_SHAPE, LEVEL = 0, 1, 2
PER_PICTURE = 6


class Picture:
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
        self._places, self._frames, self._surface = places, frames, surface
        self._points, self._voxel = points_mm, voxel
        self._base = len(places) * PER_TUBE
        self._picture = self._base + PER_SURFACE

    def predict(
        self, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return intensities, shape (M,), and derivatives, shape (M, P)."""
        count, base, picture = len(self._points), self._base, self._picture
        jacobian = np.zeros((count, picture + PER_PICTURE))
        level = picture + LEVEL
        predicted = values[level] + self._points @ values[level + 1 : level + 4]
        jacobian[:, level] = 1.0
        jacobian[:, level + 1 : level + 4] = self._points
        variance = np.exp(
            2 * values[picture + LOG_BLUR]
            + 2 * values[picture + BLUR_SHAPE] * self._voxel[:, 1]
        )
        optics = (variance, self._voxel)
        hidden, by_depth = self._hidden(values, variance)
        covered = np.zeros(count)
        for tube in range(len(self._places)):
            start = tube * PER_TUBE
            # Nerve and brain are one tissue: where both are, it counts once.
            seen = 1 - hidden if tube == 0 else np.ones(count)
            columns = jacobian[:, start : start + PER_TUBE]
            blur = jacobian[:, picture : picture + 2]
            out = (predicted, columns, blur, covered)
            _add_tube(
                values[start : start + PER_TUBE],
                (self._places[tube], self._frames[tube]),
                optics,
                seen,
                out,
            )
            if tube == 0 and self._surface is not None:
                lost = values[start + CONTRAST] * covered
                contrast = values[base + 3]
                predicted += contrast * hidden
                jacobian[:, base] = (contrast - lost) * by_depth
                jacobian[:, base + 1 : base + 3] = (
                    jacobian[:, base, None] * self._surface[:, 1:]
                )
                jacobian[:, base + 3] = hidden
        return predicted, jacobian

    def _hidden(
        self, values: NDArray[np.float64], variance: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Share of brain in every voxel, and its change with the surface's offset."""
        if self._surface is None:
            return np.zeros(len(self._points)), np.zeros(len(self._points))
        p = values[self._base : self._base + 3]
        width = np.sqrt(np.mean(variance + self._voxel[:, 0] ** 2 / 12))
        depth = (self._surface[:, 0] - p[0] - self._surface[:, 1:] @ p[1:]) / width
        density = np.exp(-0.5 * depth**2) / np.sqrt(2 * np.pi) / width
        return 0.5 * erfc(depth / np.sqrt(2)), density


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
        blurred_ellipse(u, v, shape, _blur_across(frame[m], spread, voxel), value)
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
