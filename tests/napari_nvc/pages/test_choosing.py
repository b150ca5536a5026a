"""Which folder was chosen is written down nowhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.gui


@pytest.fixture
def settings(qapp, tmp_path):
    from qtpy.QtCore import QSettings

    # The format that Qt's dialogs use, whose files are then not the user's own.
    form, scope = QSettings.Format.NativeFormat, QSettings.Scope.UserScope
    before = Path(QSettings(scope, "QtProject").fileName()).parent
    QSettings.setPath(form, scope, str(tmp_path / "settings"))
    assert tmp_path in Path(QSettings(scope, "QtProject").fileName()).parents
    yield tmp_path / "settings"
    QSettings.setPath(form, scope, str(before))


@pytest.mark.skipif(sys.platform == "win32", reason="the registry has no other place")
@pytest.mark.parametrize("known", [None, "file:///elsewhere"])
def test_what_qt_remembers_is_as_it_was_before(settings, monkeypatch, known):
    from napari_nvc.pages import choosing
    from qtpy.QtCore import QSettings
    from qtpy.QtWidgets import QFileDialog, QWidget

    names = ("FileDialog/lastVisited", "FileDialog/history")

    def kept():
        return QSettings(QSettings.Scope.UserScope, "QtProject")

    if known is not None:
        for name in names:
            kept().setValue(name, known)

    def chosen(*_):  # as Qt's own dialog does when it goes
        for name in names:
            kept().setValue(name, "file:///Zqfolder-Doe")
        return "Zqfolder-Doe"

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", chosen)
    parent = QWidget()
    assert str(choosing.choose_folder(parent, "Folder")) == "Zqfolder-Doe"
    assert [kept().value(name) for name in names] == [known, known]
    for path in settings.rglob("*"):
        assert not path.is_file() or b"Zqfolder" not in path.read_bytes()
