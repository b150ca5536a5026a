"""The frame in which the stages work: the reference's own axes.

A scan may lie at any angle in the scanner's world. Code that samples, searches or
breaks ties along "the" axes would then give slightly different answers for the same
voxels. So the stages see the reference with its axes along x, y and z, whatever its
affine; what they find is carried back to true RAS mm before anyone else sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import polar

from nvc.model.findings import (
    Contact,
    Measurement,
    Point,
    Remark,
    SideMeasurement,
)
from nvc.model.grid import Grid, Volume, transform_points
from nvc.model.stages import (
    Aligned,
    Companion,
    HeadFrame,
    Regions,
    Segmentation,
    SideLandmarks,
    SideNerves,
    SideRegion,
    Tube,
    Vessel,
)

_DECIMALS = 7
"""Equal voxels in other worlds then give equal numbers, not ones off by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rigid:
    """A rigid change of coordinates, applied to every value that flows.

    Parameters
    ----------
    matrix : ndarray, shape (4, 4)
        Maps old to new coordinates, mm.
    """

    matrix: NDArray[np.float64]

    @property
    def inverse(self) -> Rigid:
        """The way back."""
        return Rigid(matrix=np.asarray(np.linalg.inv(self.matrix), dtype=float))

    def points(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move points of shape (..., 3)."""
        return transform_points(self.matrix, points_mm)

    def place(self, point_mm: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """Move one point, or None."""
        return None if point_mm is None else self.points(np.asarray(point_mm))

    def volume(self, volume: Volume) -> Volume:
        """Move a volume's grid; its voxels stay as they are."""
        grid = replace(
            volume.grid, voxel_to_ras_mm=self.matrix @ volume.grid.voxel_to_ras_mm
        )
        return Volume(grid=grid, voxels=volume.voxels)

    def landmarks(self, landmarks: SideLandmarks) -> SideLandmarks:
        """Move landmarks."""
        return replace(
            landmarks,
            root_exit_point_mm=self.place(landmarks.root_exit_point_mm),
            root_detachment_mm=self.place(landmarks.root_detachment_mm),
            porus_mm=self.place(landmarks.porus_mm),
            fundus_mm=self.place(landmarks.fundus_mm),
        )

    def head(self, head: HeadFrame) -> HeadFrame:
        """Move a head's frame."""
        return HeadFrame(
            origin_mm=self.points(head.origin_mm), axes=self.matrix[:3, :3] @ head.axes
        )

    def regions(self, regions: Regions) -> Regions:
        """Move regions."""

        def moved(region: SideRegion) -> SideRegion:
            return replace(region, landmarks=self.landmarks(region.landmarks))

        return replace(
            regions,
            head=None if regions.head is None else self.head(regions.head),
            sides={side: moved(region) for side, region in regions.sides.items()},
        )

    def tube(self, tube: Tube) -> Tube:
        """Move a tube."""
        return replace(tube, points_mm=self.points(tube.points_mm))

    def vessel(self, vessel: Vessel) -> Vessel:
        """Move a vessel."""
        return replace(vessel, tube=self.tube(vessel.tube))

    def segmentation(self, segmentation: Segmentation) -> Segmentation:
        """Move a segmentation."""

        def tube(given: Tube | None) -> Tube | None:
            return None if given is None else self.tube(given)

        def volume(given: Volume | None) -> Volume | None:
            return None if given is None else self.volume(given)

        def moved(nerves: SideNerves) -> SideNerves:
            return replace(
                nerves,
                facial=tube(nerves.facial),
                vestibulocochlear=tube(nerves.vestibulocochlear),
                landmarks=self.landmarks(nerves.landmarks),
            )

        return replace(
            segmentation,
            sides={side: moved(nerves) for side, nerves in segmentation.sides.items()},
            vessels=tuple(self.vessel(vessel) for vessel in segmentation.vessels),
            brainstem=volume(segmentation.brainstem),
            labels=volume(segmentation.labels),
        )

    def measurement(self, measurement: Measurement) -> Measurement:
        """Move the closest points; distances stay."""

        def point(given: Point) -> Point:
            x, y, z = self.points(np.array(given)).tolist()
            return (x, y, z)

        def contact(given: Contact) -> Contact:
            return replace(
                given,
                closest_point_nerve_mm=point(given.closest_point_nerve_mm),
                closest_point_vessel_mm=point(given.closest_point_vessel_mm),
            )

        def moved(side: SideMeasurement) -> SideMeasurement:
            beyond = side.nearest_beyond
            return replace(
                side,
                contacts=tuple(contact(given) for given in side.contacts),
                nearest_beyond=None if beyond is None else contact(beyond),
            )

        def remark(given: Remark) -> Remark:
            at = given.at_mm
            return replace(given, at_mm=None if at is None else point(at))

        return replace(
            measurement,
            left=moved(measurement.left),
            right=moved(measurement.right),
            remarks=tuple(remark(given) for given in measurement.remarks),
        )


def own_axes(grid: Grid) -> Rigid:
    """The change from RAS mm to a grid's own axes, its middle at the origin."""
    rotation, _ = polar(grid.voxel_to_ras_mm[:3, :3] / grid.voxel_size_mm)
    matrix = np.eye(4)
    matrix[:3, :3] = rotation.T
    matrix[:3, 3] = -rotation.T @ grid.centre_mm
    return Rigid(matrix=matrix)


def in_own_axes(aligned: Aligned) -> tuple[Aligned, Rigid]:
    """Express aligned volumes in the axes of the reference.

    Parameters
    ----------
    aligned : Aligned
        In true RAS mm; canonical storage order.

    Returns
    -------
    aligned : Aligned
        The same voxels; every volume's axes along x, y and z.
    change : Rigid
        From RAS mm of the reference to the new coordinates.
    """
    change = own_axes(aligned.reference.grid)
    back = change.inverse
    companions = {}
    for role, companion in aligned.companions.items():
        own = own_axes(companion.volume.grid)
        link = own.matrix @ companion.reference_to_companion_mm @ back.matrix
        companions[role] = Companion(
            role=role,
            volume=_rounded(own.volume(companion.volume)),
            reference_to_companion_mm=np.round(link, _DECIMALS),
            residual_mm=companion.residual_mm,
        )
    local = replace(
        aligned,
        reference=_rounded(change.volume(aligned.reference)),
        companions=companions,
    )
    return local, change


def _rounded(volume: Volume) -> Volume:
    affine = np.round(volume.grid.voxel_to_ras_mm, _DECIMALS) + 0.0
    return Volume(
        grid=replace(volume.grid, voxel_to_ras_mm=affine), voxels=volume.voxels
    )
