"""Nothing that tells who somebody is gets into a file, and nothing gets out."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from nvc.io.sample import find_sample_study
from tests.nvc.confined import GUARDED, ROOT
from tests.nvc.privacy.marked_study import (
    EXTENSION,
    IMAGES,
    PRIVATE,
    TEXTS,
    WORDS,
    write_marked,
)
from tests.nvc.privacy.search import find

TYPED = ("Zqfolder", "Zqseries", "Zqbids", "Zqacq", "19420318", "Zqsettings")
"""What stands in the paths that were typed: a line on the terminal may name these."""
MADE = ("here", "home", "temporary", "kept")
OUT = (*MADE, "reviews")


@dataclass(frozen=True)
class Used:
    folder: Path
    told: str
    network: str


def environment(folder: Path) -> dict[str, str]:
    places = [str(GUARDED), str(ROOT), str(ROOT / "plugins")]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(places),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "temporary"),
        "NVC_REVIEW_DIR": str(folder / "reviews"),
        "NVC_TEST_KEEP": str(folder / "kept"),
        "NVC_TEST_NETWORK": str(folder / "network"),
        "MPLCONFIGDIR": str(folder / "home" / "mpl"),
    }


@pytest.fixture(scope="module")
def used(tmp_path_factory) -> Used:
    folder = tmp_path_factory.mktemp("use")
    for name in MADE:
        (folder / name).mkdir()
    paths = write_marked(folder / "in")
    done = subprocess.run(
        [sys.executable, "-m", "tests.nvc.privacy.whole_use", *map(str, paths)],
        cwd=folder / "here",
        env=environment(folder),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    note = folder / "network"
    network = note.read_text() if note.exists() else ""
    return Used(folder=folder, told=done.stdout + done.stderr, network=network)


@pytest.mark.slow
def test_no_file_tells_who_it_is(used):
    places = [used.folder / name for name in OUT]
    assert len(list((used.folder / "here" / "handed").iterdir())) == 8
    assert len(list((used.folder / "reviews").iterdir())) == 2
    assert find(WORDS, places) == []


@pytest.mark.slow
def test_the_terminal_names_no_more_than_was_typed(used):
    words = [word for word in WORDS if word not in TYPED]
    assert [word for word in words if word.lower() in used.told.lower()] == []


@pytest.mark.slow
def test_nobody_asks_for_the_network(used):
    assert used.network == ""


@pytest.mark.slow
def test_reviews_are_for_the_reader_alone(used):
    assert (used.folder / "reviews").stat().st_mode & 0o777 == 0o700
    for path in (used.folder / "reviews").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    assert list((used.folder / "temporary").iterdir()) == []


def test_the_search_finds_what_is_there(tmp_path):
    """Every word of the marked study, in the study itself, packed and not."""
    write_marked(tmp_path)
    (tmp_path / "a.html").write_bytes(
        b'<img src="data:image/png;base64,iVBORw0KGgoAAAAKdEVYdE5hbWUAWnFwbmcAAAAA">'
    )
    (tmp_path / "packed").write_bytes(gzip.compress(b"Zqgzip Zq&quot"))
    words = (*WORDS, "Zqpng", "Zqgzip", "Zq&quot")
    found = find(words, [tmp_path])
    missing = [
        word for word in words if not any(one.startswith(f"{word} in") for one in found)
    ]
    assert missing == []
    assert {PRIVATE, EXTENSION, IMAGES, TEXTS["PatientName"]} <= set(WORDS)


def test_the_guard_shuts_the_network_for_children_too(tmp_path):
    script = (
        "import socket, subprocess, sys\n"
        "def ask():\n"
        "    try:\n"
        "        socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
        "    except PermissionError:\n"
        "        print('shut')\n"
        "ask()\n"
        "if len(sys.argv) > 1:\n"
        "    subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, script],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["shut"] * 2, done.stderr
    assert len((tmp_path / "network").read_text().splitlines()) == 2
    assert find_sample_study().is_dir()
