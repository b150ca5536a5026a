"""Where around the nerve a vessel lies, as the hour of a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.settings.groups.measure import PlacesSettings
from nvc.tubes.curve import interpolate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.nerve_course import NerveCourse
    from nvc.model.stages import HeadFrame


def read_clock_hour(
    towards: NDArray[np.float64],
    along: NDArray[np.float64],
    head: HeadFrame | None,
    settings: PlacesSettings | None = None,
) -> float | None:
    """Turn a direction from the nerve to the vessel into an hour.

    The dial stands square to the nerve and is read as a sagittal picture is, with
    anterior on the reader's left: twelve is the head's superior, three its
    posterior, six inferior, nine anterior. The same hour means the same anatomical
    direction on both sides of the head; so the right nerve is seen along its course
    outwards from the brainstem and the left one against it.

    Parameters
    ----------
    towards : ndarray, shape (3,)
        From the nerve to the vessel, in the working frame; its part along the nerve
        does not count.
    along : ndarray, shape (3,)
        The nerve's direction, in the working frame.
    head : HeadFrame or None
        The head's directions.
    settings : PlacesSettings, optional
        How near to the vertical a nerve has no hours.

    Returns
    -------
    float or None
        Above 0 and up to 12; None without a head's frame, where the nerve runs
        nearly vertically, or where the vessel lies in line with it.

    Examples
    --------
    >>> from nvc.model.stages import HeadFrame
    >>> head = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))
    >>> read_clock_hour(np.array([0.0, 1.0, 0.0]), np.array([-1.0, 0.0, 0.0]), head)
    9.0
    """
    settings = settings or PlacesSettings()
    if head is None:
        return None
    along = along / max(float(np.linalg.norm(along)), 1e-12)
    superior = head.axes[:, 2] - (head.axes[:, 2] @ along) * along
    size = float(np.linalg.norm(superior))
    if size < settings.clock_across_min:
        return None
    superior = superior / size
    anterior = np.cross(superior, along)
    if anterior @ head.axes[:, 1] < 0:
        anterior = -anterior
    up, front = float(towards @ superior), float(towards @ anterior)
    if np.hypot(up, front) < 1e-6:
        return None
    hour = float(np.degrees(np.arctan2(-front, up)) % 360.0) / 30.0
    return hour if hour > 0 else 12.0


def find_direction(
    course: NerveCourse, arc_mm: float, half_mm: float = PlacesSettings().clock_half_mm
) -> NDArray[np.float64]:
    """Find the nerve's direction at an arc length, over a nerve's calibre.

    Parameters
    ----------
    course : NerveCourse
        CN VII, in the working frame.
    arc_mm : float
        From the course's first point; beyond an end the nerve goes on straight.
    half_mm : float
        Either way, over which it is read.

    Returns
    -------
    ndarray, shape (3,)
        Unit vector outwards, in the working frame.
    """
    low, high = float(course.arc_mm[0]), float(course.arc_mm[-1])
    ends = np.clip([arc_mm - half_mm, arc_mm + half_mm], low, high)
    points = course.tube.points_mm
    before, behind = interpolate(ends, course.arc_mm, points)
    step = behind - before
    if float(np.linalg.norm(step)) < 1e-6:
        # Past an end the nerve goes on straight.
        step = points[-1] - points[-2] if arc_mm > low else points[1] - points[0]
    return np.asarray(step / np.linalg.norm(step))
