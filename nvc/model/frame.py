"""The working frame: the reference's own axes, in which the stages see every value.

A scan may lie at any angle in the scanner's world. Code that samples, searches or
breaks ties along "the" axes would then give slightly different answers for the same
voxels. So the stages see the reference with its axes along x, y and z and its middle at
the origin, whatever its affine; what they find is carried back to true RAS mm before
anyone else sees it. Only `nvc.pipeline` does the carrying.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import polar

from nvc.model.grid import Grid, Volume, transform_points
from nvc.model.space import InSpace
from nvc.model.stages import Aligned, Companion

if TYPE_CHECKING:
    from nvc.numerics import Layout

Value = TypeVar("Value")
_Mover = Callable[["Rigid", Any], Any]

_DECIMALS: Layout[int] = 7
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

    def volume(self, volume: Volume) -> Volume:
        """Move a volume's grid; its voxels stay as they are."""
        grid = replace(
            volume.grid, voxel_to_ras_mm=self.matrix @ volume.grid.voxel_to_ras_mm
        )
        return Volume(grid=grid, voxels=volume.voxels)

    def move(self, value: Value) -> Value:
        """Carry a value of the model into the new frame.

        Parameters
        ----------
        value : dataclass of `nvc.model`
            `Regions`, `Segmentation`, `Measurement` or a part of one.

        Returns
        -------
        same type as `value`
            With every place moved and every direction turned, as the types of its
            fields say (`nvc.model.space`); all else is the same.
        """
        return cast("Value", self._moved(value))

    def _moved(self, value: Any) -> Any:
        if isinstance(value, Volume):
            return self.volume(value)
        kind: Any = type(value)
        movers = _movers_of(kind)
        new = {name: move(self, getattr(value, name)) for name, move in movers.items()}
        return replace(value, **new)


@cache
def _movers_of(kind: Hashable) -> dict[str, _Mover]:
    """How each field of a value moves; fields that stay are left out."""
    value: Any = kind
    hints = get_type_hints(value, include_extras=True)
    found = {field.name: _mover(hints[field.name]) for field in fields(value)}
    return {name: mover for name, mover in found.items() if mover is not None}


def _mover(hint: Any) -> _Mover | None:
    """How a field of this type moves; None where it stays."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return next((_OF_MARK[m] for m in parts[1:] if isinstance(m, InSpace)), None)
    if origin in (Union, UnionType):
        inner = [_mover(part) for part in parts if part is not NoneType]
        return _optional(inner[0]) if len(inner) == 1 and inner[0] else None
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:
        each = _mover(parts[0])
        return None if each is None else _of_tuple(each)
    if origin is Mapping:
        each = _mover(parts[1])
        return None if each is None else _of_mapping(each)
    if hint is Volume:
        return Rigid.volume
    if isinstance(hint, type) and is_dataclass(hint) and _movers_of(hint):
        return Rigid.move
    return None


def _move_place(change: Rigid, value: Any) -> Any:
    if isinstance(value, tuple):
        x, y, z = change.points(np.array(value)).tolist()
        return (x, y, z)
    return change.points(np.asarray(value))


def _turn(change: Rigid, value: Any) -> Any:
    return change.matrix[:3, :3] @ value


def _turn_both(change: Rigid, value: Any) -> Any:
    turn = change.matrix[:3, :3]
    return turn @ value @ turn.T


_OF_MARK: dict[InSpace, _Mover | None] = {
    InSpace.PLACE: _move_place,
    InSpace.DIRECTIONS: _turn,
    InSpace.SECTIONS: _turn_both,
    InSpace.INVARIANT: None,
}


def _optional(mover: _Mover) -> _Mover:
    return lambda change, value: None if value is None else mover(change, value)


def _of_tuple(mover: _Mover) -> _Mover:
    return lambda change, value: tuple(mover(change, each) for each in value)


def _of_mapping(mover: _Mover) -> _Mover:
    return lambda change, value: {k: mover(change, v) for k, v in value.items()}


def find_working_frame(grid: Grid) -> Rigid:
    """Return the change from RAS mm to a grid's own axes, its middle at the origin."""
    rotation, _ = polar(grid.voxel_to_ras_mm[:3, :3] / grid.voxel_size_mm)
    matrix = np.eye(4)
    matrix[:3, :3] = rotation.T
    matrix[:3, 3] = -rotation.T @ grid.centre_mm
    return Rigid(matrix=matrix)


def enter_working_frame(aligned: Aligned) -> tuple[Aligned, Rigid]:
    """Express aligned volumes in the working frame, the axes of the reference.

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
    change = find_working_frame(aligned.reference.grid)
    back = change.inverse
    companions = {}
    for role, companion in aligned.companions.items():
        own = find_working_frame(companion.volume.grid)
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
