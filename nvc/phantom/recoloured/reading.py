"""What was read of one head by eye: walls, nerves, canals and trunk arteries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.phantom.geometry.shapes import Points

SCHEMA = "nvc-head-reading/1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wall:
    """The posterior fossa's wall in one axial plane.

    Parameters
    ----------
    height_mm : float
        S coordinate of the plane.
    points_mm : ndarray, shape (N, 2)
        R and A of an outline that runs along the wall from the left to the right;
        behind, within the cerebellum, it is closed.
    """

    height_mm: float
    points_mm: Points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideReading:
    """One side, RAS mm.

    Parameters
    ----------
    root_exit, root_detachment, porus, fundus : ndarray, shape (3,)
        Landmarks of CN VII and of its canal.
    facial, eighth : ndarray, shape (N, 3)
        CN VII from its detachment to the canal, and CN VIII.
    """

    root_exit: Points
    root_detachment: Points
    porus: Points
    fundus: Points
    facial: Points
    eighth: Points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trunk:
    """A vertebral or basilar artery as it shows in the T1, RAS mm."""

    points_mm: Points
    radius_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadReading:
    """All that was read of one head.

    Parameters
    ----------
    head : str
        Its name.
    digest : str
        sha256 of its voxels as they are stored (see `nvc.io.real_heads`).
    brain_mm : ndarray, shape (3,)
        A point well inside the pons, RAS mm.
    temporal_mm : ndarray, shape (2, 3)
        A point well inside each temporal lobe, RAS mm.
    walls : tuple of Wall
        From the lowest plane to the highest.
    trunks : dict of str to Trunk
        ``BA``, ``VA_left`` and ``VA_right``.
    sides : dict of Side to SideReading
    """

    head: str
    digest: str
    brain_mm: Points
    temporal_mm: Points
    walls: tuple[Wall, ...]
    trunks: dict[str, Trunk]
    sides: dict[Side, SideReading]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> HeadReading:
        """Return the reading that a JSON object holds.

        Raises
        ------
        InputError
            If it is not of this schema.
        """
        if value.get("schema") != SCHEMA:
            raise InputError.of(
                "bad-reading", "schema", f"is {value.get('schema')!r}, not {SCHEMA!r}."
            )
        walls = [
            Wall(height_mm=float(w["height_mm"]), points_mm=np.array(w["points_mm"]))
            for w in value["walls"]
        ]
        return cls(
            head=str(value["head"]),
            digest=str(value["digest"]),
            brain_mm=np.array(value["brain_mm"], dtype=float),
            temporal_mm=np.array(value["temporal_mm"], dtype=float),
            walls=tuple(sorted(walls, key=lambda wall: wall.height_mm)),
            trunks={
                name: Trunk(
                    points_mm=np.array(trunk["points_mm"], dtype=float),
                    radius_mm=float(trunk["radius_mm"]),
                )
                for name, trunk in value["trunks"].items()
            },
            sides={
                side: SideReading(
                    **{
                        name: np.array(points, dtype=float)
                        for name, points in value["sides"][side.value].items()
                    }
                )
                for side in Side
            },
        )
