"""A signal waits for what may not be cut in two."""

from __future__ import annotations

import signal
import threading

import pytest

from nvc.errors import InputError
from nvc.io.doors import folder
from nvc.io.doors.folder import make_temporary_folder, write_folder
from nvc.io.doors.unbroken import unbroken

STOPS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]


@pytest.fixture(params=STOPS, ids=lambda number: number.name)
def stop(request):
    """A signal that raises KeyboardInterrupt, as the command lets it."""

    def raise_it(*_):
        raise KeyboardInterrupt

    before = signal.signal(request.param, raise_it)
    yield request.param
    signal.signal(request.param, before)


def test_it_counts_after_the_block(stop):
    done = []

    def step():
        with unbroken():
            signal.raise_signal(stop)
            done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        step()
    assert done == ["whole"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(stop)


def test_an_error_of_the_block_is_not_hidden():
    with pytest.raises(ZeroDivisionError), unbroken():
        raise ZeroDivisionError
    assert threading.current_thread() is threading.main_thread()


def test_in_a_thread_nothing_is_changed():
    before = [signal.getsignal(number) for number in STOPS]
    inside = []

    def look():
        with unbroken():
            inside.extend(signal.getsignal(number) for number in STOPS)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert inside == before


def test_a_run_stopped_while_it_moves_files_is_whole(stop, tmp_path, monkeypatch):
    write_folder({"a": b"one", "last": b"one"}, tmp_path, last="last")
    move = folder._move

    def stopped(source, target, told):
        signal.raise_signal(stop)
        move(source, target, told)

    monkeypatch.setattr(folder, "_move", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_folder({"a": b"two", "last": b"two"}, tmp_path, last="last")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        "a": b"two",
        "last": b"two",
    }


def test_a_run_stopped_while_it_writes_leaves_the_earlier_one(
    stop, tmp_path, monkeypatch
):
    write_folder({"a": b"one", "last": b"one"}, tmp_path, last="last")
    write = folder._write_through

    def stopped(path, content):
        write(path, content[:1])
        signal.raise_signal(stop)

    monkeypatch.setattr(folder, "_write_through", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_folder({"a": b"two", "last": b"two"}, tmp_path, last="last")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        "a": b"one",
        "last": b"one",
    }


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, InputError])
def test_a_temporary_folder_is_the_users_alone_and_goes_however_it_ends(error):
    try:
        with make_temporary_folder("nvc-test-") as made:
            assert made.stat().st_mode & 0o777 == 0o700
            (made / "deep").mkdir()
            (made / "deep" / "file").write_bytes(b"pixels")
            if error is not None:
                raise error
    except (KeyboardInterrupt, InputError):
        pass
    assert not made.exists()
