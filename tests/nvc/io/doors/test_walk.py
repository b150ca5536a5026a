"""A folder is gone through once, whatever links to what, and nothing gets lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nvc.errors import InputError
from nvc.io.doors.walk import Walk
from tests.nvc.foreign import as_another_user, others

__all__ = ["others"]


def through(folder: Path, **limits: int) -> tuple[list[str], str]:
    limits = {"max_files": 100, "max_depth": 10} | limits
    walked = Walk(folder, "given", **limits)
    names = [path.name for path in walked.files()]
    return names, "; ".join(walked.notes)


def fill(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(name)
    return folder


def test_nearest_first_in_the_order_of_names(tmp_path):
    fill(tmp_path / "b" / "deep", "1")
    fill(tmp_path / "a", "3", "2")
    fill(tmp_path, "z", ".hidden")
    assert through(tmp_path) == (["z", "2", "3", "1"], "")


def test_links_to_folders_are_followed_once_and_loops_end(tmp_path):
    other = fill(tmp_path / "store" / "other", "one")
    here = fill(tmp_path / "here", "two")
    (here / "a").symlink_to(other)
    (here / "b").symlink_to(other)
    (other / "back").symlink_to(here)
    names, notes = through(here)
    assert sorted(names) == ["one", "two"]
    assert notes == "2 x link leads to a folder that is here already"


@pytest.mark.parametrize("target", ["..", "../..", "../sub-02", "/"])
def test_links_to_other_patients_are_not_followed(tmp_path, target):
    own = fill(tmp_path / "study" / "sub-01", "mine")
    fill(tmp_path / "study" / "sub-02", "theirs")
    (own / "anat").mkdir()
    for place in (own / "all", own / "anat" / "all"):
        outward = (own / target).resolve()
        place.symlink_to(outward)
    note = "link leads to what this folder lies in or beside, and was passed over"
    assert through(own) == (["mine"], f"2 x {note}")
    (tmp_path / "alias").symlink_to(own)
    assert through(tmp_path / "alias") == (["mine"], f"2 x {note}")


def test_a_folder_of_links_to_where_the_data_lie_is_read(tmp_path):
    fill(tmp_path / "store" / "0001", "t2")
    fill(tmp_path / "store" / "0002", "tof")
    fill(tmp_path / "study" / "raw" / "0003", "t1")
    own = fill(tmp_path / "study" / "sub-01")
    (own / "a").symlink_to("../../store/0001")
    (own / "b").symlink_to("../../store/0002")
    (own / "c").symlink_to("../raw/0003")
    (tmp_path / "store" / "0001" / "all").symlink_to("..")
    names, notes = through(own)
    assert names == ["t2", "tof", "t1"]
    assert notes.startswith("1 x link leads to what this folder lies in")


def test_what_is_passed_over_is_counted_by_its_kind(tmp_path):
    fill(tmp_path, "file")
    for number in range(3):
        (tmp_path / f"gone{number}").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    names, notes = through(tmp_path)
    assert names == ["file"]
    assert "3 x link leads nowhere" in notes
    assert "1 x pipe or device" in notes


def test_what_may_not_be_read_is_counted_and_not_fatal(others):
    """Read as another user: to the superuser nothing is closed."""
    fill(others / "closed", "secret")
    fill(others / "no names", "secret")
    fill(others / "only names", "a", "b")
    fill(others / "open", "file", "own")
    (others / "closed").chmod(0)
    (others / "no names").chmod(0o711)
    (others / "only names").chmod(0o744)
    (others / "open" / "own").chmod(0)
    with as_another_user():
        names, notes = through(others)
        with pytest.raises(InputError, match="may not be read"):
            through(others / "closed")
    assert names == ["file"]
    assert notes == "5 x file or folder may not be read and was passed over"


def test_too_many_files_and_too_deep_folders(tmp_path):
    fill(tmp_path / "a" / "b" / "c", "deep")
    fill(tmp_path, *map(str, range(5)))
    with pytest.raises(InputError, match="more than 4 files"):
        through(tmp_path, max_files=4)
    names, notes = through(tmp_path, max_depth=1)
    assert len(names) == 5
    assert notes == "1 x folder lies too deep and was passed over"
