"""How a NIfTI file begins, whatever it is called."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

GZIP = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS + 16
_PROBE_BYTES = 2**16
"""A compressed file may begin with its own name and a comment."""
_HEADERS = ((348, 344, b"n+1\0"), (540, 4, b"n+2\0"))
"""Size of a header, which it begins with, and the place of its magic, and that."""


def is_nifti(path: Path) -> bool:
    """Tell whether a file holds header and voxels of NIfTI-1 or 2, packed or plain."""
    try:
        with path.open("rb") as file:
            start = file.read(_PROBE_BYTES)
        if start.startswith(GZIP):
            start = zlib.decompressobj(_GZIP_WINDOW).decompress(start, _HEADERS[-1][0])
    except (OSError, zlib.error):
        return False
    return any(
        start[:4] in (struct.pack("<i", size), struct.pack(">i", size))
        and start[at : at + len(magic)] == magic
        for size, at, magic in _HEADERS
    )
