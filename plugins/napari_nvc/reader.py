"""Report and review files dropped on napari."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from napari_nvc.shown.layers import LayerData, make_contact_layer, make_landmark_layer
from nvc.io.records.review_log import is_review

_NO_LAYERS: list[Any] = [(None,)]
"""What a reader returns that has opened something other than a layer."""


def get_reader(path: str | list[str]) -> Callable[[Any], list[LayerData]] | None:
    """Return a reader for one ``report.json`` or ``.review``; None for all else."""
    if not isinstance(path, str):
        return None
    if is_review(Path(path)):
        return _open_review
    return _read_report if Path(path).name.endswith("report.json") else None


def _read_report(path: str) -> list[LayerData]:
    """Return a report's landmarks and closest points, in the viewer's axes."""
    from nvc.io.records.report_json import read_report

    report = read_report(Path(path))
    return [make_landmark_layer(report), make_contact_layer(report)]


def _open_review(path: str) -> list[LayerData]:
    """Open a review in the panel of the current viewer."""
    import napari

    from napari_nvc.launch import find_or_add_panel

    viewer = napari.current_viewer()
    if viewer is not None:
        find_or_add_panel(viewer).open_paths([Path(path)])
    return _NO_LAYERS
