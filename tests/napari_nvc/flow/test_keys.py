"""Keys on the canvas: those that the help page lists, and no others."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.gui


def test_keys_do_what_the_help_page_says(panel):
    from napari_nvc.pages.help_page import KEYS, HelpPage

    keys = {str(key): act for key, act in panel._viewer.keymap.items()}
    assert set(KEYS) <= set(keys)
    keys["2"](panel._viewer)
    assert tuple(panel._viewer.dims.order) == (1, 0, 2)
    assert [view.plane for view in panel.views.planes] == ["axial", "sagittal"]
    keys["M"](panel._viewer)
    assert panel.correct_page.ruler_button.isChecked()
    text = HelpPage().toPlainText()
    assert all(words in text for words in KEYS.values())


@pytest.mark.parametrize("change", ["forgotten", "not listed"])
def test_a_key_that_is_forgotten_or_not_listed_is_refused(change):
    from napari_nvc.flow.keys import bind_keys
    from napari_nvc.pages.help_page import KEYS

    actions = dict.fromkeys(KEYS, lambda: None)
    if change == "forgotten":
        del actions["M"]
    else:
        actions["Z"] = lambda: None
    with pytest.raises(ValueError, match="help page"):
        bind_keys(None, actions)
