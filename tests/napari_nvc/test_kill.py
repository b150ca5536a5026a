"""``kill -9`` at the real viewer loses no drag and no stroke, nor does closing it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nvc.model.anatomy import Side
from nvc.reviews.session import read_review

pytestmark = [pytest.mark.gui, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FAULTS = ("FATAL", "QThread", "Abort", "Traceback", "fault")


class Reader:
    """A process with a viewer in it, and what it has said."""

    def __init__(self, folder: Path, task: str, *review: Path) -> None:
        command = [sys.executable, "-m", "tests.napari_nvc.killed_viewer", task]
        paths = [str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
        self.process = subprocess.Popen(
            [*command, *map(str, review)],
            cwd=ROOT,
            env=os.environ
            | {"NVC_REVIEW_DIR": str(folder), "PYTHONPATH": os.pathsep.join(paths)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[list[str]] = []

    def listen(self, word: str, count: int = 1) -> list[str]:
        """Return what was said with a word, once it was said so often."""
        stream = self.process.stdout
        assert stream is not None
        while sum(words[0] == word for words in self.said) < count:
            line = stream.readline()
            assert line, f"it ended without a {word!r}: {self.said}"
            self.said.append(line.rstrip("\n").split("\t"))
        return self.said[-1]

    def kill(self) -> None:
        """End it at once, then hear what it had still said."""
        os.kill(self.process.pid, signal.SIGKILL)
        rest, _ = self.process.communicate()
        self.said += [line.split("\t") for line in rest.splitlines()]
        assert self.process.returncode == -signal.SIGKILL

    def end(self) -> None:
        """Wait until it has ended by itself, without a fault."""
        rest, errors = self.process.communicate(timeout=400)
        self.said += [line.split("\t") for line in rest.splitlines()]
        assert self.process.returncode == 0, errors
        assert not [word for word in FAULTS if word in errors], errors

    def last(self, word: str) -> str:
        """Return what was said last with a word."""
        return [words[1] for words in self.said if words[0] == word][-1]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_what_a_killed_viewer_had_taken_up_is_found_again(tmp_path):
    # Killed while the study is being measured: the rating is there.
    first = Reader(tmp_path, "rate")
    review = Path(first.listen("opened")[1])
    first.listen("rated")
    first.kill()
    assert set(read_review(review).first_reads) == {Side.RIGHT}

    # Opened again, corrected, and killed in the middle of it.
    second = Reader(tmp_path, "correct", review)
    second.listen("ruler", 3)
    second.listen("painted", 4)
    second.kill()
    state = read_review(review)
    assert state.version == 2
    assert set(state.first_reads) == set(Side)
    assert state.is_revealed
    rulers = [int(words[1]) for words in second.said if words[0] == "ruler"]
    assert [ruler.number for ruler in state.rulers][: len(rulers)] == rulers
    # All that was said is there; one more step may be that nobody heard of.
    kept_mm = place_of_the_landmark(review)
    dragged_mm = float(second.last("dragged"))
    assert kept_mm - dragged_mm == pytest.approx(0.05, abs=0.0501)
    assert 0 <= len(state.paintings) - int(second.last("painted")) <= 1

    # Opened once more: the window shows what was kept.
    third = Reader(tmp_path, "look", review)
    third.listen("changes")
    told = {words[0]: words[1] for words in third.said}
    assert int(told["rulers"]) == len(state.rulers)
    assert float(told["landmark"]) == pytest.approx(kept_mm)
    assert told["changes"].startswith("Moved:")
    # It dragged once more and closed the panel, and then the window, meanwhile.
    third.end()
    assert third.last("leaving") == "True"
    assert place_of_the_landmark(review) == pytest.approx(float(third.last("last")))

    # One byte changed: named, and not opened.
    content = bytearray(review.read_bytes())
    content[content.index(b'"kind":"rated"') + 9] ^= 1
    review.write_bytes(content)
    fourth = Reader(tmp_path, "look", review)
    _, words = fourth.listen("refused")
    assert "event 2" in words
    fourth.end()
    assert review.read_bytes() == bytes(content)


def place_of_the_landmark(review: Path) -> float:
    """Return how far to the front the one that was moved lies, mm."""
    (marks,) = read_review(review).landmarks.values()
    ((_, front_mm, _),) = marks.values()
    return front_mm
