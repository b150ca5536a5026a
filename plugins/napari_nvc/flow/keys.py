"""Keys of the reading room, bound on napari's canvas; listed in `help_page`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from napari_nvc.pages.help_page import KEYS

if TYPE_CHECKING:
    import napari.viewer

Action = Callable[[], object]


def bind_keys(viewer: napari.viewer.Viewer, actions: Mapping[str, Action]) -> None:
    """Bind every key that the help page lists.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        It hears keys only while its canvas has the focus.
    actions : mapping of str to callable
        What each key does.

    Raises
    ------
    ValueError
        If a key of the help page has no action, or an action is not listed there.
    """
    if set(actions) != set(KEYS):
        raise ValueError("the keys bound are not those that the help page lists")
    for key, action in actions.items():
        viewer.bind_key(key, _without_viewer(action), overwrite=True)


def _without_viewer(action: Action) -> Callable[[Any], None]:
    def act(_: Any) -> None:
        action()

    return act
