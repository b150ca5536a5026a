"""Files that appear under their name only when they are complete."""

from __future__ import annotations

import os
from pathlib import Path

from nvc.errors import InputError


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step: readers see the old content or the new, never a part.

    Raises
    ------
    InputError
        If it cannot be written; nothing is left behind.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            temporary.unlink(missing_ok=True)  # a link there would lead elsewhere
            with temporary.open("xb") as stream:
                stream.write(content)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError.of(
            "not-writable", str(path), f"cannot be written ({error.strerror})."
        ) from error
