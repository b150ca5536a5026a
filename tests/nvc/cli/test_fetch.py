"""``nvc fetch`` says where a study is, whose it is, and what went wrong."""

from __future__ import annotations

import nvc.io.fetch
from nvc.cli import main
from nvc.errors import InputError
from nvc.notice import NOTICE


def test_a_study_comes_with_its_licence_and_citation(monkeypatch, tmp_path, capsys):
    def found(name, *, on_progress):
        on_progress(1, 2)
        return tmp_path

    monkeypatch.setattr(nvc.io.fetch, "fetch", found)
    assert main(["fetch", "studyforrest-t1"]) == 0
    out = capsys.readouterr().out
    study = nvc.io.fetch.list_public_studies()["studyforrest-t1"]
    assert out == (
        f"Study: {tmp_path}\nLicence: {study.licence}\nCite: {study.citation}\n"
        f"\n{NOTICE}\n"
    )


def test_an_unknown_study_is_bad_input(capsys):
    assert main(["fetch", "no-such-study"]) == 2
    assert "no-such-study" in capsys.readouterr().err


def test_being_offline_is_one_clear_line(monkeypatch, capsys):
    def offline(name, *, on_progress):
        raise InputError.of("offline", name, "could not be downloaded.")

    monkeypatch.setattr(nvc.io.fetch, "fetch", offline)
    assert main(["fetch", "studyforrest-t1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_help_names_the_folder_for_files_that_are_there(capsys):
    assert main(["fetch", "--help"]) == 0
    assert "NVC_DATA_DIR" in capsys.readouterr().out
