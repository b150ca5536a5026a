"""UIDs that follow from what they name."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable

_SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "nvc-review")


def derive_uid(kind: str, *content: Iterable[str]) -> str:
    """Return a UID under 2.25 (ISO/IEC 9834-8) from content.

    The same images, labels, numbers, version and state of signing give the same UID,
    so that a run that is repeated and sent again is not filed as a second finding;
    anything else gives another.

    Parameters
    ----------
    kind : str
        What is named, such as ``"seg"``.
    *content : iterable of str
        All that it depends on.

    Examples
    --------
    >>> derive_uid("seg", ["a"]) == derive_uid("seg", ["a"])
    True
    >>> derive_uid("seg", ["a"]) == derive_uid("sr", ["a"])
    False
    """
    digest = hashlib.sha256()
    for part in ([kind], *content):
        digest.update(("\n".join(part) + "\n\n").encode())
    return f"2.25.{uuid.uuid5(_SPACE, digest.hexdigest()).int}"
