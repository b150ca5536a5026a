"""Strokes of a reader's brush: as an event holds them, and laid on labels again.

Apart from `nvc.reviews.edits`, which needs the whole pipeline: a panel takes strokes
without loading that.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from nvc.errors import ReviewError
from nvc.model.anatomy import Structure
from nvc.model.grid import Volume
from nvc.model.review import Painting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def apply_strokes(base: Volume, paintings: tuple[Painting, ...]) -> Volume:
    """Return labels with every stroke on them.

    Raises
    ------
    ReviewError
        If a stroke does not fit what it was painted on: another version of the
        software, or another study.
    """
    voxels = np.array(base.voxels, dtype=np.uint8)
    flat = voxels.reshape(-1)
    for number, stroke in enumerate(paintings, start=1):
        index, before, after = unpack_stroke(stroke)
        fits = index.size == 0 or (index.min() >= 0 and index.max() < flat.size)
        if not fits or not np.array_equal(flat[index], before):
            raise ReviewError(
                f"painting {number} does not fit the labels found now: the review was "
                "made with another version of the software or another study"
            )
        flat[index] = after
    return Volume(grid=base.grid, voxels=voxels)


def pack_stroke(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> dict[str, Any]:
    """Return what changed between two arrays of labels of one shape, for an event."""
    index = np.flatnonzero(before.reshape(-1) != after.reshape(-1))
    return {
        "voxels": _encoded(index.astype("<i4")),
        "before": _encoded(before.reshape(-1)[index]),
        "after": _encoded(after.reshape(-1)[index]),
        "count": int(index.size),
    }


def unpack_stroke(
    painting: Painting,
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return flat indices, labels before and labels after, each of shape (N,).

    Raises
    ------
    ReviewError
        If it cannot be decoded.
    """
    try:
        index = np.frombuffer(_decoded(painting.voxels), dtype="<i4")
        before = np.frombuffer(_decoded(painting.before), dtype=np.uint8)
        after = np.frombuffer(_decoded(painting.after), dtype=np.uint8)
    except (ValueError, zlib.error) as error:
        raise ReviewError(f"a painting cannot be read ({error})") from error
    if not index.size == before.size == after.size == painting.count:
        raise ReviewError("a painting has lost some of its voxels")
    return index, before, after


def require_known_labels(change: Mapping[str, Any]) -> None:
    """Refuse a stroke that paints a value which no structure has.

    Parameters
    ----------
    change : mapping
        From `pack_stroke`.

    Raises
    ------
    ReviewError
        Naming the value; expected is one of `nvc.model.anatomy.Structure`.
    """
    names = ("voxels", "before", "after", "count")
    _, _, after = unpack_stroke(Painting(**{name: change[name] for name in names}))
    strange = _unknown(after)
    if strange:
        raise ReviewError(
            f"label {strange[0]} means no structure; choose one of the list, "
            f"{int(min(Structure))} to {int(max(Structure))}"
        )


def drop_unknown_labels(
    painted: Volume, base: Volume
) -> tuple[Volume, tuple[str, ...]]:
    """Return labels without values of no meaning, and in words which these were.

    Parameters
    ----------
    painted, base : Volume
        Labels with every stroke, and before any; of one grid.
    """
    strange = _unknown(painted.voxels)
    if not strange:
        return painted, ()
    own = np.asarray(painted.voxels)
    kept = np.where(np.isin(own, strange), base.voxels, own).astype(np.uint8)
    values = ", ".join(map(str, strange))
    note = f"labels painted with {values}, which mean no structure, were left out"
    return Volume(grid=painted.grid, voxels=kept), (note,)


def _encoded(array: NDArray[np.generic]) -> str:
    return base64.b64encode(zlib.compress(array.tobytes(), 6)).decode("ascii")


def _decoded(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text, validate=True))


def _unknown(voxels: Any) -> list[int]:
    return sorted({int(v) for v in np.unique(voxels)} - {int(v) for v in Structure})
