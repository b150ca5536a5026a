"""Matplotlib as we set it: no file or session of a user changes a picture.

A ``matplotlibrc`` is read from the home folder, from the current one and from where an
environment variable points. ``image.origin: lower`` in it would turn a picture over
below its letters and outlines, and ``text.usetex`` would need LaTeX.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import matplotlib as mpl

_ONE_AT_A_TIME = RLock()
"""The parameters belong to the process: two threads would restore each other's."""


@contextmanager
def use_own_style() -> Iterator[None]:
    """Draw with matplotlib's own defaults inside the block; what was set comes back."""
    with _ONE_AT_A_TIME, mpl.rc_context():
        mpl.rcdefaults()
        yield
