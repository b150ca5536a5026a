"""Keys of the reading room, bound on napari's canvas; listed in `help_page`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from napari_nvc.pages.help_page import KEYS

if TYPE_CHECKING:
    import napari.viewer

    from napari_nvc.panel import ReviewPanel

_SIGN_PAGE = 4


def bind_keys(
    viewer: napari.viewer.Viewer, panel: ReviewPanel
) -> dict[str, Callable[[], Any]]:
    """Bind every key that the help page lists; refuses to forget one.

    Returns
    -------
    dict of str to callable
        What each key does: napari hears keys only while its canvas has the focus.
    """
    showing = panel.showing
    actions: dict[str, Callable[[], Any]] = {
        "1": lambda: showing.plane("axial"),
        "2": lambda: showing.plane("coronal"),
        "3": lambda: showing.plane("sagittal"),
        "O": showing.toggle_overlay,
        "N": lambda: panel.go_to_side(showing.side.other),
        "C": lambda: panel.go_to_side(showing.side),
        "J": lambda: panel.tell(showing.step_contact(1)),
        "K": lambda: panel.tell(showing.step_contact(-1)),
        "M": panel.correct_page.ruler_button.toggle,
        "G": lambda: panel.pages.setCurrentIndex(_SIGN_PAGE),
    }
    if set(actions) != set(KEYS):
        raise ValueError("the keys bound are not those that the help page lists")
    for key, action in actions.items():
        viewer.bind_key(key, _without_viewer(action), overwrite=True)
    return actions


def _without_viewer(action: Callable[[], Any]) -> Callable[[Any], None]:
    def act(_: Any) -> None:
        action()

    return act
