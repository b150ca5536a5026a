"""Pictures of tubes whose gap is known exactly, drawn by brute force.

A tube runs straight or along a circle and has an elliptical section. Two tubes are
put together wall to wall: the nearest points and their common normal are chosen
first, so that the gap is exact by construction. Pictures are drawn on a fine grid,
blurred and averaged over each voxel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from nvc.model.grid import Grid, Volume
from nvc.model.stages import Tube


@dataclass(frozen=True, kw_only=True, eq=False)
class Ellipse:
    a: float
    b: float
    angle: float = 0.0

    def support(self, direction: np.ndarray) -> tuple[np.ndarray, float]:
        """The wall point with this outward normal, and its height along it."""
        turn = np.array(
            [
                [np.cos(self.angle), -np.sin(self.angle)],
                [np.sin(self.angle), np.cos(self.angle)],
            ]
        )
        q = turn @ np.diag([self.a**2, self.b**2]) @ turn.T
        height = float(np.sqrt(direction @ q @ direction))
        return q @ direction / height, height


@dataclass(frozen=True, kw_only=True, eq=False)
class TrueTube:
    centre: np.ndarray
    along: np.ndarray
    side: np.ndarray
    section: Ellipse
    contrast: float
    curvature: float = 0.0

    @property
    def third(self) -> np.ndarray:
        return np.cross(self.along, self.side)

    def course(self, arc: np.ndarray) -> np.ndarray:
        arc = np.asarray(arc, dtype=float)[..., None]
        if abs(self.curvature) < 1e-9:
            return self.centre + arc * self.along
        turn = arc * self.curvature
        return (
            self.centre
            + np.sin(turn) / self.curvature * self.along
            + (1 - np.cos(turn)) / self.curvature * self.side
        )

    def depth(self, points: np.ndarray) -> np.ndarray:
        """Signed distance to the wall, negative inside (first order)."""
        offset = points - self.centre
        v = offset @ self.third
        if abs(self.curvature) < 1e-9:
            u = offset @ self.side
        else:
            radius = 1 / self.curvature
            from_hub = offset - radius * self.side
            x, y = from_hub @ self.along, from_hub @ self.side
            u = radius - np.sign(radius) * np.hypot(x, y)
        angle, a, b = self.section.angle, self.section.a, self.section.b
        p = np.cos(angle) * u + np.sin(angle) * v
        q = -np.sin(angle) * u + np.cos(angle) * v
        level = np.sqrt((p / a) ** 2 + (q / b) ** 2) + 1e-9
        slope = np.sqrt((p / a**2) ** 2 + (q / b**2) ** 2) / level + 1e-9
        return (level - 1) / slope

    def as_tube(
        self,
        *,
        half_length: float = 6.0,
        shift: np.ndarray | None = None,
        radius_factor: float = 1.0,
        position_sd: float = 0.15,
    ) -> Tube:
        """What a segmentation would hand over, shifted and mis-sized as asked."""
        arc = np.arange(-half_length, half_length + 1e-9, 0.5)
        points = self.course(arc)
        if shift is not None:
            points = points + shift
        radius = radius_factor * np.sqrt(self.section.a * self.section.b)
        return Tube(
            points_mm=points,
            radius_mm=np.full(len(arc), radius),
            position_sd_mm=np.full(len(arc), position_sd),
        )


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    if np.linalg.det(q) < 0:
        q[:, 0] = -q[:, 0]
    return q


@dataclass(frozen=True, kw_only=True)
class PairKind:
    """Ranges that a random pair is drawn from."""

    nerve_radius: tuple[float, float] = (0.7, 1.0)
    vessel_radius: tuple[float, float] = (0.35, 0.9)
    nerve_ellipticity: float = 0.0
    vessel_ellipticity: float = 0.0
    curvature: float = 0.0
    nerve_contrast: tuple[float, float] = (-0.6, -0.5)
    vessel_contrast: tuple[float, float] = (-1.0, -0.9)


STRESSED = PairKind(
    nerve_ellipticity=0.25,
    vessel_ellipticity=0.08,
    curvature=0.05,
    nerve_contrast=(-0.5, -0.3),
    vessel_contrast=(-0.9, -0.6),
)


def random_pair(
    rng: np.random.Generator, gap: float, kind: PairKind = PairKind()
) -> tuple[TrueTube, TrueTube]:
    """A nerve and a vessel whose walls are `gap` apart, at a random pose."""
    frame = random_rotation(rng)
    normal, nerve_along = frame[:, 0], frame[:, 1]
    crossing = rng.uniform(0.2, np.pi / 2)
    vessel_along = np.cos(crossing) * nerve_along + np.sin(crossing) * frame[:, 2]

    def tube(along, radius, ellipticity, contrast, outward, point):
        spin = rng.uniform(0, 2 * np.pi)
        helper = np.cross(along, normal)
        side = np.cos(spin) * normal + np.sin(spin) * helper
        stretch = np.exp(rng.uniform(-ellipticity, ellipticity))
        size = rng.uniform(*radius)
        section = Ellipse(
            a=size * stretch, b=size / stretch, angle=rng.uniform(0, np.pi)
        )
        made = TrueTube(
            centre=np.zeros(3),
            along=along,
            side=side,
            section=section,
            contrast=rng.uniform(*contrast),
        )
        direction = np.array([outward @ made.side, outward @ made.third])
        wall, _ = section.support(direction)
        centre = point - wall[0] * made.side - wall[1] * made.third
        # Bend away from the other tube, so that the chosen points stay nearest.
        bend = -abs(rng.uniform(0, kind.curvature)) * np.sign(outward @ made.side)
        return replace(made, centre=centre, curvature=bend)

    nerve = tube(
        nerve_along,
        kind.nerve_radius,
        kind.nerve_ellipticity,
        kind.nerve_contrast,
        normal,
        np.zeros(3),
    )
    vessel = tube(
        vessel_along,
        kind.vessel_radius,
        kind.vessel_ellipticity,
        kind.vessel_contrast,
        -normal,
        gap * normal,
    )
    return nerve, vessel


def draw(
    tubes: tuple[TrueTube, ...],
    *,
    rng: np.random.Generator,
    voxel_mm: tuple[float, float, float] = (0.6, 0.4, 0.4),
    half_mm: float = 5.0,
    blur_mm: float = 0.25,
    noise: float = 0.0,
    slope_per_mm: float = 0.0,
    background: float = 1.0,
    fine: int = 4,
) -> Volume:
    """Draw tubes on a randomly turned and shifted grid; CSF 1, nerve about 0.45."""
    axes = random_rotation(rng)
    voxel = np.array(voxel_mm)
    shape = tuple(int(n) for n in np.ceil(2 * half_mm / voxel))
    affine = np.eye(4)
    affine[:3, :3] = axes * voxel
    centre = rng.uniform(-0.5, 0.5, 3) * voxel
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2 + centre / voxel)
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    index = [(np.arange(n * fine) + 0.5) / fine - 0.5 for n in shape]
    fine_index = np.stack(np.meshgrid(*index, indexing="ij"), axis=-1)
    points = grid.to_ras_mm(fine_index)
    step = float(voxel.mean()) / fine
    picture = np.zeros(points.shape[:3])
    for tube in tubes:
        inside = np.clip(0.5 - tube.depth(points) / step, 0, 1)
        own = tube.contrast * inside
        # Tissues that overlap (a nerve sunk into the brain) count once.
        picture = np.where(np.abs(own) > np.abs(picture), own, picture)
    if blur_mm > 0:
        picture = ndimage.gaussian_filter(picture, blur_mm * fine / voxel)
    coarse = picture.reshape(shape[0], fine, shape[1], fine, shape[2], fine).mean(
        axis=(1, 3, 5)
    )
    direction = rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    centres = grid.to_ras_mm(np.stack(np.indices(shape), axis=-1).astype(float))
    coarse = coarse + background + slope_per_mm * (centres @ direction)
    coarse = coarse + noise * rng.normal(size=shape)
    return Volume(grid=grid, voxels=coarse.astype(np.float32))
