"""Planes through the head that the pictures show, and the letters at their edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LETTERS = (("R", "L"), ("A", "P"), ("S", "I"))
_SECOND_LETTER_FROM = np.tan(np.radians(30.0))
"""A second letter is shown once the direction leans over by more than 30 degrees."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """A rectangle in patient space as it lies on the page.

    Parameters
    ----------
    centre_mm : ndarray, shape (3,)
        Middle of the picture, RAS mm.
    right, up : ndarray, shape (3,)
        Unit vectors, RAS, towards the page's right and top; perpendicular.
    width_mm : float
        Length of the square's edge.
    """

    centre_mm: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    width_mm: float

    def points_mm(self, pixel_mm: float) -> NDArray[np.float64]:
        """Return pixel centres, shape (rows, columns, 3), the top row first."""
        count = max(2, round(self.width_mm / pixel_mm))
        at = ((np.arange(count) + 0.5) / count - 0.5) * self.width_mm
        x, y = np.meshgrid(at, -at)
        offset: NDArray[np.float64] = x[..., None] * self.right + y[..., None] * self.up
        return self.centre_mm + offset

    def project(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (right, up, out of the page) in mm for points of shape (..., 3)."""
        frame = np.stack([self.right, self.up, np.cross(self.right, self.up)], axis=1)
        projected: NDArray[np.float64] = (points_mm - self.centre_mm) @ frame
        return projected

    def letters(self, axes: NDArray[np.float64]) -> dict[str, str]:
        """Name the anatomical direction of each edge of the page.

        Parameters
        ----------
        axes : ndarray, shape (3, 3)
            Columns: the patient's right, anterior and superior.
        """
        return {
            "left": name_direction(-self.right, axes),
            "right": name_direction(self.right, axes),
            "top": name_direction(self.up, axes),
            "bottom": name_direction(-self.up, axes),
        }


def name_direction(direction: NDArray[np.float64], axes: NDArray[np.float64]) -> str:
    """Return one letter of R L A P S I, or two where the direction is oblique.

    Parameters
    ----------
    direction : ndarray, shape (3,)
        In RAS, of any length.
    axes : ndarray, shape (3, 3)
        Columns: the patient's right, anterior and superior.

    Examples
    --------
    >>> name_direction(np.array([-1.0, 0.1, 0.0]), np.eye(3))
    'L'
    >>> name_direction(np.array([0.0, 0.8, -0.6]), np.eye(3))
    'AI'
    """
    parts = np.linalg.solve(axes, direction)
    first, second = np.argsort(-np.abs(parts), kind="stable")[:2]
    named = _LETTERS[first][int(parts[first] < 0)]
    if abs(parts[second]) > _SECOND_LETTER_FROM * abs(parts[first]):
        named += _LETTERS[second][int(parts[second] < 0)]
    return named


def lay_axial(
    centre_mm: NDArray[np.float64], axes: NDArray[np.float64], width_mm: float
) -> Plane:
    """Return the scan's own axial plane through a point; as `lay_upright`."""
    return lay_upright(centre_mm, axes[:, 2], axes, width_mm)


def lay_along(
    centre_mm: NDArray[np.float64],
    course: NDArray[np.float64],
    beside: NDArray[np.float64],
    axes: NDArray[np.float64],
    width_mm: float,
) -> Plane:
    """Return the plane that holds the nerve's course and a direction beside it.

    Parameters
    ----------
    centre_mm : ndarray, shape (3,)
        Middle of the picture.
    course : ndarray, shape (3,)
        Along the nerve, unit.
    beside : ndarray, shape (3,)
        Towards the vessel; any perpendicular is taken where it is the course itself.
    axes : ndarray, shape (3, 3)
        Columns: the patient's right, anterior and superior.
    width_mm : float
        Edge of the picture.
    """
    normal = np.cross(course, _perpendicular(beside, course))
    return lay_upright(centre_mm, normal, axes, width_mm)


def lay_across(
    centre_mm: NDArray[np.float64],
    course: NDArray[np.float64],
    axes: NDArray[np.float64],
    width_mm: float,
) -> Plane:
    """Return the plane perpendicular to the nerve's unit course, shape (3,).

    The rest as `lay_upright`.
    """
    return lay_upright(centre_mm, course, axes, width_mm)


def lay_upright(
    centre_mm: NDArray[np.float64],
    normal: NDArray[np.float64],
    axes: NDArray[np.float64],
    width_mm: float,
) -> Plane:
    """Lay a plane on the page as a reader expects it.

    Superior is up, or anterior where the plane is closest to an axial one. The page's
    left is the patient's right, or anterior where the plane is closest to a sagittal
    one.

    Parameters
    ----------
    centre_mm : ndarray, shape (3,)
        Middle of the picture.
    normal : ndarray, shape (3,)
        Perpendicular to the plane; unit, either way round.
    axes : ndarray, shape (3, 3)
        Columns: the patient's right, anterior and superior.
    width_mm : float
        Edge of the picture.
    """
    lateral, forward, upwards = axes.T
    leaning = np.abs(axes.T @ normal)
    is_axial = leaning[2] >= max(leaning[0], leaning[1])
    up = _perpendicular(forward if is_axial else upwards, normal)
    right = np.cross(up, normal)
    across, along = lateral @ right, forward @ right
    leading = across if abs(across) >= abs(along) else along
    return Plane(
        centre_mm=centre_mm,
        right=right if leading <= 0 else -right,
        up=up,
        width_mm=width_mm,
    )


def _perpendicular(
    direction: NDArray[np.float64], to: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the unit part of `direction` perpendicular to the unit vector `to`."""
    rest = direction - (direction @ to) * to
    length = np.linalg.norm(rest)
    if length < 1e-6:
        # Parallel: any perpendicular will do; take that to the least aligned axis.
        return _perpendicular(np.eye(3)[np.argmin(np.abs(to))], to)
    unit: NDArray[np.float64] = rest / length
    return unit
