"""GUI tests need a display; without one Qt would end the whole test run."""

from __future__ import annotations

import os
import sys

import pytest

NEEDS_DISPLAY = sys.platform.startswith("linux") and not (
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not NEEDS_DISPLAY:
        return
    reason = "needs a display: run `make gui`, or `xvfb-run -a pytest -m gui`"
    for item in items:
        if item.get_closest_marker("gui"):
            item.add_marker(pytest.mark.skip(reason=reason))
