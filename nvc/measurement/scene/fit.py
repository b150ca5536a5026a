"""Fits a scene's tubes to its voxels: robust least squares with beliefs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from nvc.measurement.scene import forward
from nvc.measurement.scene.levenberg_marquardt import Descent
from nvc.measurement.scene.priors import Beliefs
from nvc.tubes.wall_gap import WalledTube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.brain_plane import BrainPlane
    from nvc.measurement.scene.scene import Scene
    from nvc.numerics import Count, Step, Tolerance
    from nvc.settings import MeasureSettings

# Noise taken for this much more or less (log) hardly moves the balance with beliefs.
_STEADY: Tolerance[float] = 0.25
# A course turned by less than this, within so far of the place, leaves the sections
# square enough: they seem wider by half its square, 0.002 mm of a nerve's radius.
_SQUARE: Tolerance[float] = 0.07
_SQUARE_MM: Step[float] = 2.0
# Fewer neighbouring voxels than these tell nothing of how alike residuals are.
_FEWEST_PAIRS: Count[int] = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SceneFit:
    """A fitted scene.

    Parameters
    ----------
    scene : Scene
        With its tubes on the fitted courses (offsets left over are in `values`).
    values : ndarray, shape (P,)
        Parameters, ordered as in `nvc.measurement.scene.forward`.
    covariance : ndarray, shape (P, P)
        Of the parameters; widened where residuals of neighbouring voxels are alike,
        as in interpolated images or where the picture holds more than the tubes.
    noise : float
        Robust standard deviation of the residuals.
    is_settled : bool
        Whether the last round converged.
    shift_mm : ndarray, shape (tubes,)
        How far each tube moved from where it started, at the place itself.
    residual : ndarray, shape (M,)
        Intensities less those of the fitted picture.
    """

    scene: Scene
    values: NDArray[np.float64]
    covariance: NDArray[np.float64]
    noise: float
    is_settled: bool
    shift_mm: NDArray[np.float64]
    residual: NDArray[np.float64]

    def tube_values(self, tube: int) -> NDArray[np.float64]:
        """Parameters of one tube, shape (15,)."""
        start = tube * forward.PER_TUBE
        return self.values[start : start + forward.PER_TUBE]

    def contrast(self, tube: int) -> float:
        """Fitted contrast of one tube: its intensity less the background's."""
        return float(self.tube_values(tube)[forward.CONTRAST])

    def significance(self, tube: int) -> float:
        """How many standard deviations a tube stands out from nothing.

        Judged by contrast times area: of a tube no wider than the blur, the two
        alone are not told apart, their product is.
        """
        contrast = self.contrast(tube)
        slopes = np.zeros(len(self.values))
        start = tube * forward.PER_TUBE
        slopes[start + forward.CONTRAST] = 1.0
        slopes[start + forward.LOG_RADIUS] = 2.0 * contrast
        sd = float(np.sqrt(slopes @ self.covariance @ slopes))
        return abs(contrast) / max(sd, 1e-12)

    def radius_mm(self, tube: int) -> float:
        """Radius of the circle of equal area at the place, mm."""
        return float(np.exp(self.tube_values(tube)[forward.LOG_RADIUS]))

    def build_walled_tube(self, tube: int, half_length_mm: float) -> WalledTube:
        """Build the fitted tube around the place, ready for `wall_gap`.

        In the frame of the scene's volume, up to `half_length_mm` either way.
        """
        course = self.scene.tubes[tube].course
        return _walled_tube(
            self.tube_values(tube),
            course.points_mm,
            course.frame_u,
            course.frame_v,
            course.arc_mm,
            half_length_mm,
        )

    def brain(self) -> BrainPlane | None:
        """The brain's surface as fitted, in the scene's frame; None without one."""
        plane = self.scene.surface
        if plane is None:
            return None
        at = len(self.scene.tubes) * forward.PER_TUBE
        moved = plane.heights.copy()
        moved[:3] += self.values[at : at + 3]
        # Its spread stays that of the mask: a fit settles the patch's height, not how
        # far the surface departs from a patch.
        return replace(plane, heights=moved)


def _walled_tube(
    p: NDArray[np.float64],
    points_mm: NDArray[np.float64],
    frame_u: NDArray[np.float64],
    frame_v: NDArray[np.float64],
    arc_mm: NDArray[np.float64],
    half_length_mm: float,
) -> WalledTube:
    """Apply one tube's parameters to its course."""
    near = np.abs(arc_mm) <= half_length_mm
    s = arc_mm[near]
    off_u, off_v = _offsets(p, s)
    u, v = frame_u[near], frame_v[near]
    course = points_mm[near] + off_u[:, None] * u + off_v[:, None] * v
    size = np.exp(p[forward.LOG_RADIUS] + s * p[forward.TAPER])
    a2 = (size * np.exp(p[forward.STRETCH])) ** 2
    b2 = (size * np.exp(-p[forward.STRETCH])) ** 2
    k = 2 * p[forward.SHEAR]
    section = np.stack([a2 + k * k * b2, k * b2, b2], axis=-1)
    return WalledTube(course_mm=course, frame_u=u, frame_v=v, section_mm2=section)


def _offsets(
    p: NDArray[np.float64], s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far one tube lies from its course along both directions, at arc lengths."""
    powers = np.vander(s, forward.TERMS, increasing=True)
    return (
        powers @ p[forward.OFFSET_U : forward.OFFSET_U + forward.TERMS],
        powers @ p[forward.OFFSET_V : forward.OFFSET_V + forward.TERMS],
    )


def fit_scene(
    scene: Scene,
    settings: MeasureSettings,
    *,
    rounds: int = 3,
    like: SceneFit | None = None,
) -> SceneFit:
    """Fit all tubes, the surface, the blur and the background together.

    Parameters
    ----------
    scene : Scene
        With enough voxels (more than parameters).
    settings : MeasureSettings
        Beliefs about tubes, and the floor of the noise estimate.
    rounds : int
        Most fits in turn, each from the courses that the one before found where those
        have turned; up to two more follow where the last has not settled.
    like : SceneFit, optional
        Of a place nearby: the search starts from its calibre, contrast, blur,
        background and noise. What is believed stays as it is.

    Returns
    -------
    SceneFit
    """
    beliefs = Beliefs.of(scene, settings)
    least_noise = settings.texture * abs(scene.tubes[0].contrast.mean)
    values = beliefs.mean.copy()
    depth = max(abs(tube.contrast.mean) for tube in scene.tubes)
    noise = max(least_noise, 0.12 * depth)
    if like is not None:
        values, noise = _started(beliefs, like), max(least_noise, like.noise)
    start = [tube.course.points_mm[tube.course.origin] for tube in scene.tubes]
    settled = steady = False
    descent = Descent(scene, beliefs)
    for turn in range(rounds + 2):
        square = turn > 0 and _is_square(scene, values)
        if settled and ((steady and square) or turn >= rounds):
            break
        if turn > 0 and not square:
            scene, values, beliefs = _rebased(scene, values, beliefs)
            descent = Descent(scene, beliefs)
        values, settled = descent.search_from(values, noise)
        seen = max(least_noise, 1.4826 * float(np.median(np.abs(descent.residual))))
        steady = abs(np.log(seen / noise)) < _STEADY
        noise = seen
    alike = _likeness(scene.index, descent.residual, noise)
    return SceneFit(
        scene=scene,
        values=values,
        covariance=alike * descent.covariance(noise),
        noise=noise,
        is_settled=settled,
        shift_mm=_moved_mm(scene, values, start),
        residual=descent.residual,
    )


def _likeness(
    index: NDArray[np.int_], residual: NDArray[np.float64], noise: float
) -> float:
    """How many voxels share one independent residual, from next neighbours.

    A first-order process with correlation r along an axis has (1 + r) / (1 - r) times
    fewer independent samples than samples.
    """
    clipped = np.clip(residual, -3 * noise, 3 * noise)
    low = index.min(axis=0)
    box = np.full(index.max(axis=0) - low + 1, np.nan)
    box[tuple((index - low).T)] = clipped
    power = float(np.mean(clipped**2)) + 1e-30
    products, pairs = _neighbour_products(box)
    known = pairs >= _FEWEST_PAIRS
    r = np.clip(products[known] / pairs[known] / power, 0.0, 0.8)
    return float(np.prod((1 + r) / (1 - r)))


@nb.njit(cache=True)
def _neighbour_products(  # pragma: no cover - compiled
    box: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum the products of next neighbours along each axis, and count them.

    NaN marks places without a value.
    """
    products, pairs = np.zeros(3), np.zeros(3)
    for i, j, k in np.ndindex(box.shape):
        for axis in range(3):
            at_i, at_j, at_k = i - (axis == 0), j - (axis == 1), k - (axis == 2)
            if min(at_i, at_j, at_k) < 0:
                continue
            product = box[i, j, k] * box[at_i, at_j, at_k]
            if not np.isnan(product):
                products[axis] += product
                pairs[axis] += 1.0
    return products, pairs


def _moved_mm(
    scene: Scene, values: NDArray[np.float64], start: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """How far each tube lies from where it started, at the place itself."""
    centres = [_centre(scene, values, number) for number in range(len(start))]
    return np.linalg.norm(np.subtract(centres, start), axis=1)


def _centre(
    scene: Scene, values: NDArray[np.float64], number: int
) -> NDArray[np.float64]:
    course = scene.tubes[number].course
    p = values[number * forward.PER_TUBE :]
    return np.asarray(
        course.points_mm[course.origin]
        + p[0] * course.frame_u[course.origin]
        + p[forward.OFFSET_V] * course.frame_v[course.origin]
    )


def _started(beliefs: Beliefs, like: SceneFit) -> NDArray[np.float64]:
    """Start at a nearby fit's first tube and picture, within the bounds."""
    values = beliefs.mean.copy()
    shown = [forward.LOG_RADIUS, forward.CONTRAST]
    values[shown] = like.values[shown]
    picture = slice(-forward.PER_PICTURE, -3)
    values[picture] = like.values[picture]
    fixed = beliefs.sd == 0
    values[fixed] = beliefs.mean[fixed]
    return values


def _is_square(scene: Scene, values: NDArray[np.float64]) -> bool:
    """Whether the measured tubes still run square to their sections as fitted."""
    powers = np.arange(1, forward.TERMS)
    places = np.array([-_SQUARE_MM, 0.0, _SQUARE_MM])
    slopes = powers * places[:, None] ** (powers - 1)
    for number, tube in enumerate(scene.tubes):
        if tube.is_neighbour:
            continue
        p = values[number * forward.PER_TUBE :]
        for start in (forward.OFFSET_U, forward.OFFSET_V):
            turned = slopes @ p[start + 1 : start + forward.TERMS]
            if np.abs(turned).max() > _SQUARE:
                return False
    return True


def _rebased(
    scene: Scene, values: NDArray[np.float64], beliefs: Beliefs
) -> tuple[Scene, NDArray[np.float64], Beliefs]:
    """Move the courses onto the fit, so that sections stand square on them again."""
    values, mean = values.copy(), beliefs.mean.copy()
    # Past the voxels looked at, a polynomial means nothing: it goes on level.
    reach = float(np.linalg.norm(scene.points_mm, axis=1).max())
    courses = []
    for number, tube in enumerate(scene.tubes):
        start = number * forward.PER_TUBE
        offsets = values[start : start + forward.LOG_RADIUS].copy()
        s = np.clip(tube.course.arc_mm, -reach, reach)
        courses.append(tube.course.shift(*_offsets(offsets, s)))
        values[start : start + forward.LOG_RADIUS] = 0.0
        mean[start : start + forward.LOG_RADIUS] -= offsets
    return scene.with_courses(courses), values, replace(beliefs, mean=mean)
