"""What is shown waits while a button is held."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.gui


@pytest.fixture
def held(qapp):
    from napari_nvc.flow.hand import Hand
    from qtpy.QtCore import QObject

    owner, layer = QObject(), SimpleNamespace(mouse_drag_callbacks=[])
    hand = Hand(owner)
    hand.watch(layer)
    yield hand, layer.mouse_drag_callbacks[0]
    owner.deleteLater()


def test_a_step_waits_for_the_release(held, qtbot):
    hand, follow = held
    done: list[str] = []
    hand.when_free(lambda: done.append("before"))
    event = SimpleNamespace(type="mouse_press")
    press = follow(None, event)
    next(press)
    event.type = "mouse_move"
    next(press)
    hand.when_free(lambda: done.append("after"))
    assert hand.is_down
    assert done == ["before"]
    event.type = "mouse_release"
    assert next(press, "ended") == "ended"
    assert not hand.is_down
    qtbot.waitUntil(lambda: done == ["before", "after"], timeout=60_000)


def test_a_press_that_napari_lets_go_of_does_not_end_the_next(held):
    hand, follow = held
    event = SimpleNamespace(type="mouse_press")
    first = follow(None, event)
    next(first)
    second = follow(None, event)
    next(second)
    first.close()
    assert hand.is_down
    second.close()
    assert not hand.is_down
