"""NVC Review: facial-nerve neurovascular contact, measured for a human reader.

The public names below are loaded when first used, so that ``import nvc`` stays quick
and does nothing else.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nvc.notice import NOTICE

if TYPE_CHECKING:
    from nvc.io.study.load import load_study
    from nvc.pipeline import Result
    from nvc.pipeline import run as measure
    from nvc.saving.save import save
    from nvc.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "NOTICE",
    "Result",
    "Settings",
    "__version__",
    "load_study",
    "measure",
    "save",
]

_HOME = {
    "Result": ("nvc.pipeline", "Result"),
    "Settings": ("nvc.settings", "Settings"),
    "load_study": ("nvc.io.study.load", "load_study"),
    "measure": ("nvc.pipeline", "run"),
    "save": ("nvc.saving.save", "save"),
}

_RENAMED = {"review": "measure"}
"""Old names that still work: `nvc review`, the command, opens the reading room."""


def __getattr__(name: str) -> Any:
    if name in _RENAMED:
        new = _RENAMED[name]
        warnings.warn(
            f"nvc.{name} is called nvc.{new} now", DeprecationWarning, stacklevel=2
        )
        name = new
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nvc.io.doors.caches import provide_caches

    provide_caches()
    module, attribute = _HOME[name]
    # Kept, so that the next use of the name neither imports nor tries anything.
    found = globals()[name] = getattr(import_module(module), attribute)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
