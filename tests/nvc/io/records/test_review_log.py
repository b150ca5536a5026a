"""A review's file: every byte counts, and a program that dies loses little."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nvc.errors import InputError
from nvc.io.doors.lock import hold
from nvc.io.records.review_log import ReviewLog, is_review, name_new_review, read_log
from nvc.model.review import EventKind
from tests.nvc.confined import needs_mounts, read_only, run_python

ROOT = Path(__file__).parents[4]

WRITER = """
import sys
from pathlib import Path
from nvc.io.records.review_log import ReviewLog
from nvc.model.review import EventKind
log = ReviewLog(Path(sys.argv[1]))
log.append(log.next_event(EventKind.OPENED, {}))
number = 0
while True:
    number += 1
    data = {"number": number, "voxels": "A" * 5000}
    log.append(log.next_event(EventKind.LABELS_PAINTED, data))
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "a.review"
    log = ReviewLog(path)
    log.append(log.next_event(EventKind.OPENED, {"name": "Zoë"}))
    log.append(log.next_event(EventKind.REVEALED, {}))
    log.append(log.next_event(EventKind.RULER_REMOVED, {"number": 3}))
    return path


def test_events_come_back_as_they_were_written(path):
    reading = read_log(path)
    kinds = [event.kind for event in reading.events]
    assert kinds == [EventKind.OPENED, EventKind.REVEALED, EventKind.RULER_REMOVED]
    assert reading.events[0].data == {"name": "Zoë"}
    assert not reading.is_torn
    assert is_review(path)


def test_any_changed_byte_is_noticed_and_its_event_named(path):
    """Every byte of the file, one at a time, becomes another one."""
    content = path.read_bytes()
    starts = [0, *(n + 1 for n, byte in enumerate(content) if byte == 10)]
    for place in range(len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(bytes(changed))
        with pytest.raises(InputError) as caught:
            read_log(path)
        number = sum(start <= place for start in starts)
        message = str(caught.value)
        if number > 1 and content[place] != 10:
            assert f"event {number}" in message, (place, message)
        else:
            assert "review" in message


def test_a_missing_or_moved_event_is_noticed(path):
    first, second, third = path.read_bytes().splitlines(keepends=True)
    for lines in ([first, third], [first, third, second], [first, second, second]):
        path.write_bytes(b"".join(lines))
        with pytest.raises(InputError, match="does not follow"):
            read_log(path)


def test_an_event_with_a_new_digest_still_breaks_the_chain(path):
    from dataclasses import replace

    from nvc.io.records import review_log

    first, _, third = path.read_bytes().splitlines(keepends=True)
    events = read_log(path).events
    forged = review_log._sealed(replace(events[1], time="2000-01-01"))
    path.write_bytes(first + review_log._line(forged) + third)
    with pytest.raises(InputError, match="event 3"):
        read_log(path)


def test_a_torn_last_event_is_let_go_and_the_log_goes_on(path):
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number":4,"time":"20')
    log = ReviewLog(path)
    assert log.was_torn
    assert len(log.events) == 3
    log.append(log.next_event(EventKind.RULER_REMOVED, {"number": 4}))
    assert [event.number for event in read_log(path).events] == [1, 2, 3, 4]
    assert path.read_bytes().startswith(whole)


def test_two_programs_cannot_write_one_review(path):
    mine, theirs = ReviewLog(path), ReviewLog(path)
    theirs.append(theirs.next_event(EventKind.RULER_REMOVED, {"number": 9}))
    with pytest.raises(InputError, match="another program"):
        mine.append(mine.next_event(EventKind.RULER_REMOVED, {"number": 8}))
    assert len(read_log(path).events) == 4


def test_a_disk_that_is_full_leaves_the_log_whole_and_open(path, monkeypatch):
    log, write, whole = ReviewLog(path), os.write, path.read_bytes()

    def full(handle: int, line: bytes) -> int:
        if len(line) < 20:
            raise OSError(28, "No space left on device")
        return write(handle, line[: len(line) // 2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError, match="No space left on device"):
        log.append(log.next_event(EventKind.RULER_REMOVED, {"number": 9}))
    assert path.read_bytes() == whole
    monkeypatch.undo()
    log.append(log.next_event(EventKind.RULER_REMOVED, {"number": 8}))
    assert [event.data for event in read_log(path).events][-1] == {"number": 8}
    assert len(read_log(path).events) == 4


RACER = """
import sys
from pathlib import Path
from nvc.errors import InputError
from nvc.io.records.review_log import ReviewLog
from nvc.model.review import EventKind
written = 0
while written < 20:
    try:
        log = ReviewLog(Path(sys.argv[1]))
        log.append(log.next_event(EventKind.RULER_REMOVED, {"number": written}))
        written += 1
    except InputError as error:
        assert error.problems[0].code in ("in-use", "review-changed"), error
print(written)
"""


def test_programs_that_write_one_review_at_once_never_break_its_chain(path):
    """Each tries until it has written 20 times; who is refused is left to chance."""
    argv = [sys.executable, "-c", RACER, str(path)]
    racers = [
        subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(3)
    ]
    written = [int(racer.communicate()[0]) for racer in racers]
    assert all(racer.returncode == 0 for racer in racers)
    assert written == [20] * 3
    assert len(read_log(path).events) == 3 + sum(written)


def test_what_another_program_is_writing_is_not_cut(path):
    """It looks torn until it is whole."""
    whole = path.read_bytes()
    with path.open("ab") as other:
        hold(other.fileno(), "review")
        other.write(b'{"number":4,')
        other.flush()
        with pytest.raises(InputError, match="is being written to"):
            ReviewLog(path)
    assert path.read_bytes() == whole + b'{"number":4,'


def test_a_torn_review_that_may_not_be_written_says_so(path, monkeypatch):
    path.write_bytes(path.read_bytes() + b'{"number":4,')
    opened = Path.open

    def closed(self, mode="r", *rest, **named):
        if "+" in mode:
            raise PermissionError(13, "Permission denied")
        return opened(self, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(InputError, match="Copy it"):
        ReviewLog(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("seconds", [0.0, 0.013, 0.031])
def test_a_killed_writer_loses_at_most_its_last_event(tmp_path, seconds):
    path = tmp_path / "killed.review"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert writer.stdout is not None
    told = int(writer.stdout.readline())
    time.sleep(seconds)
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.stdout.read().split()
    writer.wait()
    told = int(rest[-1]) if rest and rest[-1].isdigit() else told
    events = ReviewLog(path).events
    assert len(events) - 1 >= told
    assert [event.number for event in events] == list(range(1, len(events) + 1))


def test_other_files_are_no_reviews(tmp_path):
    path = tmp_path / "b.review"
    for text in ("", "hello\n", json.dumps({"number": 1}) + "\n", "[]\n"):
        path.write_text(text)
        with pytest.raises(InputError):
            read_log(path)
        assert not is_review(path)


def test_a_new_review_is_named_without_identifiers(tmp_path, monkeypatch):
    monkeypatch.setenv("NVC_REVIEW_DIR", str(tmp_path / "reviews"))
    path = name_new_review("abcdef0123456789")
    assert path.parent == tmp_path / "reviews"
    assert path.name.startswith("abcdef01-")
    path.parent.mkdir()
    path.touch()
    assert name_new_review("abcdef0123456789") != path


FULL = """
import sys
from pathlib import Path
from nvc.errors import NotSavedError
from nvc.io.records.review_log import ReviewLog, read_log
from nvc.model.review import EventKind
folder = Path(sys.argv[1])
log = ReviewLog(folder / "a.review")
log.append(log.next_event(EventKind.OPENED, {}))
while True:
    before = log.path.read_bytes()
    try:
        log.append(log.next_event(EventKind.HISTORY, {"text": "x" * 1500}))
    except NotSavedError as error:
        print(error)
        break
assert log.path.read_bytes() == before, "as before"
(folder / "ballast").unlink()
log.append(log.next_event(EventKind.HISTORY, {"text": "x" * 1500}))
print(len(log.events) == len(read_log(log.path).events))
"""


@needs_mounts
def test_on_a_disk_that_is_really_full_nothing_is_lost_and_it_goes_on(tmp_path):
    mounts = (
        f'mount -t tmpfs -o size=64k none "{tmp_path}"; '
        f'head -c 40000 /dev/zero > "{tmp_path}/ballast"'
    )
    done = run_python(mounts, FULL, str(tmp_path))
    told, goes_on = done.stdout.splitlines()
    assert "No space left on device" in told, done.stderr
    assert "not saved" in told
    assert goes_on == "True"


@needs_mounts
def test_on_a_disk_that_became_read_only_the_step_is_told_as_not_saved(tmp_path):
    script = FULL.partition("while True")[0]
    log = ReviewLog(tmp_path / "a.review")
    log.append(log.next_event(EventKind.OPENED, {}))
    before = log.path.read_bytes()
    done = run_python(read_only(tmp_path), script, str(tmp_path))
    assert "Read-only file system" in done.stderr
    assert "NotSavedError" in done.stderr
    assert log.path.read_bytes() == before
