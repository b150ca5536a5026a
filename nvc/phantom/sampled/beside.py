"""The other cranial nerves, the tuft of choroid plexus and strands of arachnoid."""

from __future__ import annotations

import numpy as np

from nvc.phantom.geometry.courses import resample, smooth_course
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube, interpolate
from nvc.phantom.head import mirror_points, unit
from nvc.phantom.sampled.lattice import Generator, LevelSet
from nvc.phantom.sampled.nerves import FacialCourse

_STEP_MM = 0.3


def _round(ways: list[Points], radius: Points | float) -> CurvedTube:
    """Return a round tube along points; its radii are spread evenly along it."""
    course = resample(smooth_course(np.array(ways), _STEP_MM), _STEP_MM)
    radii = np.atleast_1d(np.asarray(radius, dtype=float))
    part = np.linspace(0.0, 1.0, len(course))
    even = np.linspace(0.0, 1.0, len(radii))
    return CurvedTube.round(course, np.interp(part, even, radii))


def _place(root: FacialCourse, arc_mm: float) -> Points:
    arc = np.linspace(
        0.0,
        float(np.linalg.norm(np.diff(root.nodes, axis=0), axis=1).sum()),
        len(root.nodes),
    )
    found: Points = interpolate(arc, root.nodes, np.array([arc_mm]))[0]
    return found


def lay_eighth(
    rng: Generator,
    root: FacialCourse,
    sign: int,
    stem: LevelSet,
    canal: tuple[Points, Points],
) -> tuple[CurvedTube, tuple[CurvedTube, ...]]:
    """Lay CN VIII behind and below CN VII, and its three branches in the canal.

    It enters 1 to 3 mm behind CN VII, is 2.31 mm across at the brainstem and 1.44 mm
    at its transition zone.

    Returns
    -------
    CurvedTube
        From the brainstem to the cochlea.
    tuple of CurvedTube
        The vestibular branches.
    """
    _, lift, mouth = root.places
    porus, fundus = canal
    size = float(np.clip(rng.normal(1.0, 0.12), 0.8, 1.2))
    back = mirror_points(np.array([0.9, -2.6, -0.5]), sign)
    start = _place(root, lift - 1.0) + back * rng.uniform(0.95, 1.25)
    for _ in range(12):
        lacking = 0.3 - stem.distance(start[None])[0]
        start = start + 0.8 * lacking * stem.slope(start[None])[0]
    inside = start - 2.0 * stem.slope(start[None])[0]
    below = mirror_points(np.array([0.0, -0.85, -0.95]), sign)
    # Lateral within the canal the parts lie in the four quarters: cochlear before
    # and below, vestibular above and below behind.
    half = 0.5 * (porus + fundus)
    middle = _place(root, lift + 0.5 * (mouth - lift))
    middle = middle + mirror_points(np.array([0.1, -1.75, -1.05]), sign) * size
    cochlear = mirror_points(np.array([-0.3, 0.9, -1.0]), sign)
    ways = [inside, start, middle, porus + below, half + below, fundus + cochlear]
    ends = (np.array([-0.4, -1.0, 0.9]), np.array([-0.4, -1.0, -0.8]))
    branches = tuple(
        _round([porus + 0.3 * (fundus - porus) + below, half + below, fundus + to], 0.5)
        for to in (mirror_points(end, sign) for end in ends)
    )
    radii = size * np.array([1.15, 1.1, 0.95, 0.82, 0.75, 0.72, 0.72, 0.6, 0.5])
    return _round(ways, radii), branches


def lay_intermedius(root: FacialCourse, eighth: CurvedTube) -> CurvedTube:
    """Lay the nervus intermedius, 0.62 mm across, between both nerves."""
    _, lift, mouth = root.places
    ways = []
    for part in np.linspace(0.0, 1.0, 5):
        on = _place(root, lift - 0.5 + part * (mouth + 4.0 - lift))
        nearest = np.linalg.norm(eighth.nodes - on, axis=1).argmin()
        ways.append(0.45 * on + 0.55 * eighth.nodes[nearest])
    return _round(ways, 0.28)


def lay_others(
    rng: Generator, sign: int, stem: LevelSet, porus: Points, cave: CurvedTube
) -> dict[str, CurvedTube]:
    """Lay CN V with its bundles, CN VI, and the rootlets of CN IX to XI."""

    def on(point: tuple[float, float, float], height: float) -> Points:
        place = mirror_points(np.array(point) + rng.normal(0.0, 0.4, 3), sign)
        for _ in range(15):
            lacking = height - stem.distance(place[None])[0]
            place = place + 0.8 * lacking * stem.slope(place[None])[0]
        return place

    laid = {}
    root, mouth, depth = on((16.5, 2.0, 12.5), -1.0), cave.nodes[0], cave.nodes[-1]
    wide = float(rng.uniform(1.3, 1.8))
    ways = [root, root + 0.5 * (mouth - root) + np.array([0.0, 0.0, 0.4]), mouth]
    laid["CN5"] = _round(ways, np.array([wide, wide, 0.9 * wide, 0.9 * wide]))
    for number in range(5):
        spread = rng.normal(0.0, 0.9, 3)
        ways = [mouth, 0.5 * (mouth + depth) + 0.8 * spread, depth + spread]
        laid[f"CN5-{number}"] = _round(ways, 0.35)
    sixth = on((4.5, 2.0, 0.5), -0.5)
    ahead = mirror_points(np.array([8.5, 11.5, 11.0]), sign)
    bow = 0.5 * (sixth + ahead) + np.array([0.0, -0.5, -1.0])
    laid["CN6"] = _round([sixth, bow, ahead], float(rng.uniform(0.45, 0.6)))
    count = int(rng.integers(7, 11))
    foramen = porus + mirror_points(np.array([-1.0, -2.0, -8.5]), sign)
    for number in range(count):
        part = number / (count - 1.0)
        start = on((10.5 - 1.5 * part, -9.0 - 3.0 * part, -2.5 - 12.0 * part), -0.4)
        end = foramen + mirror_points(np.array([0.8, -1.0, -2.5]), sign) * part
        middle = 0.5 * (start + end) + rng.normal(0.0, 0.5, 3)
        beyond = end + mirror_points(np.array([2.5, 1.5, -3.0]), sign)
        name = ("CN9", "CN10", "CN11")[min(int(3.0 * part * 0.999 + 0.3), 2)]
        thick = 0.45 if number == 0 else float(rng.uniform(0.2, 0.38))
        laid[f"{name}-{number}"] = _round([start, middle, end, beyond], thick)
    return laid


def lay_plexus(
    rng: Generator, sign: int, keep_off: tuple[CurvedTube, ...]
) -> list[CurvedTube]:
    """Lay the tuft that hangs out of the foramen of Luschka, as beaded fronds."""
    fronds = []
    for _ in range(int(rng.integers(5, 10))):
        steps = rng.normal(0.0, 0.8, (6, 3)) + np.array([0.45, 0.15, -0.1])
        start = np.array([12.5, -11.0, 0.5])
        ways = mirror_points(start + np.cumsum(steps, axis=0), sign)
        radii = rng.uniform(0.35, 0.95, 8)
        frond = _round(list(ways), radii)
        apart = [tube.distance(frond.nodes).min() for tube in keep_off]
        if min(apart) > radii.max() + 0.1:
            fronds.append(frond)
    return fronds


def lay_strands(
    rng: Generator, root: FacialCourse, stem: LevelSet, room: LevelSet
) -> list[CurvedTube]:
    """Lay strands of arachnoid from the brainstem to the wall, 0.1 to 0.25 mm across.

    Strands pass CN VII as they please: they are no vessels.
    """
    strands = []
    _, lift, mouth = root.places
    for _ in range(int(rng.integers(5, 13))):
        at = _place(root, float(rng.uniform(lift, mouth)))
        at = at + rng.normal(0.0, 2.5, 3)
        way = unit(rng.normal(0.0, 1.0, 3))
        line = at + np.linspace(-10.0, 10.0, 67)[:, None] * way
        free = (stem.distance(line) > 0.0) & (room.distance(line) < 0.0)
        if not free[33]:
            continue
        first, last = 33, 33
        while first > 0 and free[first - 1]:
            first -= 1
        while last < 66 and free[last + 1]:
            last += 1
        if last - first > 8:
            bow = rng.normal(0.0, 0.4, 3)
            ways = [line[first], 0.5 * (line[first] + line[last]) + bow, line[last]]
            strands.append(_round(ways, float(rng.uniform(0.05, 0.12))))
    return strands
