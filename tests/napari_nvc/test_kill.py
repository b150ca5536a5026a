"""``kill -9`` at the real viewer loses at most the last second."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nvc.model.anatomy import Side
from nvc.reviews.session import read_review

pytestmark = [pytest.mark.gui, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
LAST_SECOND_S = 1.0


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

    def kill(self) -> float:
        """End it at once, then hear what it had still said; return when."""
        os.kill(self.process.pid, signal.SIGKILL)
        at = time.time()
        assert self.process.stdout is not None
        rest = self.process.stdout.read().splitlines()
        self.said += [line.split("\t") for line in rest]
        assert self.process.wait() == -signal.SIGKILL
        return at


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
    second.listen("dragged", 4)
    killed_at = second.kill()
    state = read_review(review)
    assert state.version == 2
    assert set(state.first_reads) == set(Side)
    assert state.is_revealed
    rulers = [int(words[1]) for words in second.said if words[0] == "ruler"]
    assert [ruler.number for ruler in state.rulers][: len(rulers)] == rulers
    drags = [words for words in second.said if words[0] == "dragged"]
    old = [float(y) for _, at, y in drags if float(at) < killed_at - LAST_SECOND_S]
    (marks,) = state.landmarks.values()
    ((_, kept_mm, _),) = marks.values()
    assert old
    assert kept_mm >= old[-1] - 1e-6

    # Opened once more: the window shows what was kept.
    third = Reader(tmp_path, "look", review)
    third.listen("changes")
    told = {words[0]: words[1] for words in third.said}
    assert int(told["rulers"]) == len(state.rulers)
    assert float(told["landmark"]) == pytest.approx(kept_mm)
    assert told["changes"].startswith("Moved:")
    assert third.process.wait(timeout=60) == 0

    # One byte changed: named, and not opened.
    content = bytearray(review.read_bytes())
    content[content.index(b'"kind":"rated"') + 9] ^= 1
    review.write_bytes(content)
    fourth = Reader(tmp_path, "look", review)
    _, words = fourth.listen("refused")
    assert "event 2" in words
    assert fourth.process.wait(timeout=60) == 0
    assert review.read_bytes() == bytes(content)
