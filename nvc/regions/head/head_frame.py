"""The head's own directions from the inner ears and the scanner's grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.model.stages import HeadFrame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid


def build_head_frame(
    grid: Grid, rightward: NDArray[np.float64], origin_mm: NDArray[np.float64]
) -> HeadFrame:
    """Build the frame whose first axis is given and which nods as the grid does.

    Mirror symmetry leaves the nod about the line between the ears open; the grid's
    own anterior axis, square to that line, settles it to within the tilt of the
    head in the coil.

    Parameters
    ----------
    grid : Grid
        Reference, canonical storage order.
    rightward : ndarray, shape (3,)
        Unit vector to the patient's right, in the working frame.
    origin_mm : ndarray, shape (3,)
        A point of the mid-sagittal plane, mm of the working frame.
    """
    right = rightward / np.linalg.norm(rightward)
    anterior = grid.axes_ras[:, 1]
    anterior = anterior - (anterior @ right) * right
    anterior = anterior / np.linalg.norm(anterior)
    superior = np.cross(right, anterior)
    return HeadFrame(
        origin_mm=np.asarray(origin_mm, dtype=float),
        axes=np.stack([right, anterior, superior], axis=1),
    )


def nod_head(head: HeadFrame, degrees: float) -> HeadFrame:
    """Return the frame turned about its right axis; positive lifts the face."""
    angle = np.deg2rad(degrees)
    right, anterior, superior = head.axes.T
    forward = np.cos(angle) * anterior + np.sin(angle) * superior
    return HeadFrame(
        origin_mm=head.origin_mm,
        axes=np.stack([right, forward, np.cross(right, forward)], axis=1),
    )


def build_frame_along(
    direction: NDArray[np.float64], grid: Grid
) -> NDArray[np.float64]:
    """Return a frame whose first column is a direction, turned as the grid is.

    Parameters
    ----------
    direction : ndarray, shape (3,)
        Unit vector in the working frame.
    grid : Grid
        Its axis farthest from the direction settles the turn, so that moving the
        world moves the frame with it.

    Returns
    -------
    ndarray, shape (3, 3)
        Columns: the direction and two unit vectors across it.
    """
    axes = grid.axes_ras
    helper = axes[:, int(np.argmin(np.abs(axes.T @ direction)))]
    second = np.cross(direction, helper)
    second /= np.linalg.norm(second)
    return np.stack([direction, second, np.cross(direction, second)], axis=1)
