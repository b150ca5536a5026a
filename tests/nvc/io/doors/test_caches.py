"""Where nothing can be kept, everything still runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nvc.cli import main
from nvc.errors import InputError
from nvc.io.doors import caches
from nvc.io.doors.caches import provide_caches
from nvc.io.records.report_json import read_report
from nvc.io.records.review_log import find_review_folder
from nvc.io.sample import find_sample_study
from tests.nvc.confined import (
    NOWHERE,
    ROOT,
    needs_mounts,
    read_only,
    run_confined,
    run_python,
)


@needs_mounts
def test_code_is_compiled_where_no_cache_can_be_kept(tmp_path):
    script = (
        "import nvc, os, sys\n"
        "nvc.Settings\n"
        "from nvc.tubes.small_systems import *\n"
        "import nvc.tubes.disc\n"
        "print(os.environ['NUMBA_CACHE_DIR'])\n"
    )
    done = run_python(read_only(ROOT), script, **NOWHERE)
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).exists(), "it is gone after the run"
    assert done.stderr == ""


def test_nothing_is_changed_where_a_cache_can_be_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    provide_caches()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_temporary_folder_one_line_says_what_to_set(monkeypatch, capsys):
    monkeypatch.setattr(caches, "_can_keep_compiled", lambda: False)
    caches._make_folder.cache_clear()

    def none(**_):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(caches.tempfile, "mkdtemp", none)
    with pytest.raises(InputError, match="TMPDIR"):
        provide_caches()
    assert main(["--version"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_review_without_a_home_says_what_to_set(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("NVC_REVIEW_DIR", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    with pytest.raises(InputError, match="Set NVC_REVIEW_DIR"):
        find_review_folder()


def test_no_review_is_kept_in_a_home_that_is_gone_after_the_run(monkeypatch):
    """A viewer needs one, and a user in a container may have none."""

    def told():
        if "HOME" in os.environ:
            return Path(os.environ["HOME"])
        raise RuntimeError("Could not determine home directory.")

    for variable in ("NVC_REVIEW_DIR", "HOME", *caches._HOME_VARIABLES):
        monkeypatch.setenv(variable, "")  # put back after the test
        monkeypatch.delenv(variable)
    monkeypatch.setattr(Path, "home", told)
    caches._make_folder.cache_clear()
    caches.provide_home()
    assert Path.home().is_dir()
    assert Path.home().stat().st_mode & 0o777 == 0o700
    with pytest.raises(InputError, match="Set NVC_REVIEW_DIR"):
        find_review_folder()


@needs_mounts
@pytest.mark.slow
def test_a_study_is_made_and_measured_where_no_cache_can_be_kept(tmp_path):
    """With a locale that knows no letter but English ones, too."""
    out = tmp_path / "f\N{LATIN SMALL LETTER U WITH DIAERESIS}r"
    nvc_command = [sys.executable, "-m", "nvc", "--quiet"]
    t2 = str(find_sample_study() / "t2.nii.gz")
    argv = [*nvc_command, "measure", "--t2", t2, "--out", str(out)]
    done = run_confined(read_only(ROOT), argv, **NOWHERE)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert read_report(out / "report.json").reference == "t2"
    argv = [*nvc_command, "inspect", t2]
    assert run_confined(read_only(ROOT), argv, **NOWHERE).returncode == 0
