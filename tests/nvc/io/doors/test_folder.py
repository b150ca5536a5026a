"""A folder of results holds one whole run, whatever happens while it is written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nvc.errors import InputError
from nvc.io.doors import folder
from nvc.io.doors.atomic import replace_file
from nvc.io.doors.folder import (
    check_names,
    check_not_others,
    check_out_dir,
    write_folder,
)
from nvc.io.doors.lock import hold_folder
from tests.nvc.confined import needs_mounts, read_only, run_python

NAMES = ("a.csv", "b.html", "report.json")
LAST = "report.json"


def files(run: str) -> dict[str, bytes]:
    return {name: f"{run} {name}".encode() for name in NAMES}


def runs_in(out: Path) -> dict[str, str]:
    """Which run each file is of; hidden ones count too."""
    return {p.name: p.read_text().split()[0] for p in out.iterdir() if p.is_file()}


WRITE = f"""
import os, sys
from pathlib import Path
from nvc.errors import InputError
from nvc.io.doors import folder
from nvc.io.doors.atomic import replace_file
def write(run, out):
    files = {{name: f"{{run}} {{name}}".encode() for name in {NAMES!r}}}
    folder.write_folder(files, Path(out), last={LAST!r})
"""


def whole(out: Path) -> bool:
    """Whether all files are of one run, and there is nothing else."""
    found = runs_in(out)
    return set(found) == set(NAMES) and len(set(found.values())) == 1


def test_a_run_replaces_the_one_before_and_leaves_nothing_else(tmp_path):
    for run in ("one", "two"):
        write_folder(files(run), tmp_path / "out", last=LAST)
        assert set(runs_in(tmp_path / "out").values()) == {run}
        assert whole(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("step", range(6))
def test_a_move_that_fails_puts_everything_back_and_names_the_file(
    tmp_path, monkeypatch, step
):
    """As where another program holds one of the files open."""
    write_folder(files("one"), tmp_path, last=LAST)
    moves, replace = [], Path.replace

    def held(self: Path, target: Path) -> Path:
        moves.append(target)
        if len(moves) == step + 1:
            raise PermissionError(13, "is used by another process")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(InputError, match="is used by another process") as caught:
        write_folder(files("two"), tmp_path, last=LAST)
    monkeypatch.undo()
    assert any(str(tmp_path / name) in str(caught.value) for name in NAMES)
    assert set(runs_in(tmp_path).values()) == {"one"}
    assert whole(tmp_path)


def test_what_cannot_be_put_back_is_kept_and_comes_back_with_the_next_run(
    tmp_path, monkeypatch
):
    write_folder(files("one"), tmp_path, last=LAST)
    replace = Path.replace
    calls = []

    def broken(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) > 2:
            raise OSError(5, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(InputError):
        write_folder(files("two"), tmp_path, last=LAST)
    monkeypatch.undo()
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(kept) == sorted(text.decode() for text in files("one").values())
    monkeypatch.setattr(folder, "_write_through", _full)
    with pytest.raises(InputError):
        write_folder(files("two"), tmp_path, last=LAST)
    assert set(runs_in(tmp_path).values()) == {"one"}
    assert whole(tmp_path)


def _full(path: Path, content: bytes) -> None:
    raise OSError(28, "No space left on device")


KILL = (
    WRITE
    + """
import signal
moves, replace = [], Path.replace
def dying(self, target):
    moves.append(target)
    if len(moves) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = dying
write("two", sys.argv[1])
"""
)


@pytest.mark.parametrize("move", range(1, 8))
def test_a_run_that_is_killed_leaves_one_whole_run_or_no_report(tmp_path, move):
    """Of six moves, three take the old files away and three bring the new ones."""
    out = tmp_path / "out"
    write_folder(files("one"), out, last=LAST)
    done = subprocess.run([sys.executable, "-c", KILL, str(out), str(move)])
    assert done.returncode == (-signal.SIGKILL if move <= 6 else 0)
    if (out / LAST).exists():
        assert len(set(runs_in(out).values())) == 1
    write_folder(files("three"), out, last=LAST)
    assert set(runs_in(out).values()) == {"three"}
    assert whole(out)
    assert [p.name for p in out.iterdir() if p.is_dir()] == []


ADD = (
    WRITE
    + """
import signal
replace = Path.replace
def dying(self, target):
    if self.name == "report.json" and target.parent.name == "out":
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = dying
files = {name: b"two" for name in ("a.csv", "review.html", "report.json")}
folder.write_folder(files, Path(sys.argv[1]), last="report.json")
"""
)


@pytest.mark.parametrize("earlier", [{}, files("one")])
def test_what_a_killed_run_added_is_not_left_beside_the_next(tmp_path, earlier):
    """Its page is of a report that never came."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine notes")
    if earlier:
        write_folder(earlier, out, last=LAST)
    done = subprocess.run([sys.executable, "-c", ADD, str(out)])
    assert done.returncode == -signal.SIGKILL
    assert (out / "review.html").exists()
    write_folder({LAST: b"three"}, out, last=LAST)
    expected = {**earlier, LAST: b"three", "notes.txt": b"mine notes"}
    assert {p.name: p.read_bytes() for p in out.iterdir()} == expected


@pytest.mark.parametrize("name", [".nvc-notes", ".nvc-staging-notes"])
def test_folders_of_the_users_with_such_a_name_stay(tmp_path, name):
    mine = tmp_path / "out" / name
    mine.mkdir(parents=True)
    (mine / "text").write_text("mine")
    (tmp_path / "out" / ".nvc-staging-link").symlink_to(tmp_path / "far")
    (tmp_path / "far" / "new").mkdir(parents=True)
    write_folder(files("one"), tmp_path / "out", last=LAST)
    assert (mine / "text").read_text() == "mine"
    assert (tmp_path / "far" / "new").is_dir()
    assert (tmp_path / "out" / ".nvc-staging-link").is_symlink()


def test_more_is_made_only_while_the_folder_is_held_and_all_else_is_written(
    tmp_path, monkeypatch
):
    made = []

    def make_more() -> dict[str, bytes]:
        made.append(sorted(path.name for path in tmp_path.rglob("*.*")))
        return {"more": b"one"}

    with hold_folder(tmp_path, "out"), pytest.raises(InputError):
        write_folder(files("one"), tmp_path, last=LAST, make_more=make_more)
    assert made == []
    written = write_folder(files("one"), tmp_path, last=LAST, make_more=make_more)
    assert set(NAMES) < set(made[0])
    assert set(written) == {*NAMES, "more"}
    assert (tmp_path / "more").read_bytes() == b"one"
    monkeypatch.setattr(folder, "_write_through", _full)
    with pytest.raises(InputError):
        write_folder(files("two"), tmp_path, last=LAST, make_more=make_more)
    assert len(made) == 1


STRESS = (
    WRITE
    + """
done = 0
while done < 15:
    try:
        write(f"{sys.argv[2]}-{done}", sys.argv[1])
        done += 1
    except InputError as error:
        assert error.problems[0].code == "in-use", error
print(done)
"""
)


def test_runs_on_one_folder_never_mix(tmp_path):
    """Each tries until it has written 15 times; who is refused is left to chance."""
    argv = [sys.executable, "-c", STRESS, str(tmp_path)]
    runs = [
        subprocess.Popen([*argv, str(n)], stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    counts = [int(run.communicate(timeout=120)[0]) for run in runs]
    assert all(run.returncode == 0 for run in runs)
    assert counts == [15] * 4
    assert whole(tmp_path)


def test_a_folder_that_another_run_holds_is_refused_and_then_free(tmp_path):
    with hold_folder(tmp_path, "out"), pytest.raises(InputError) as caught:
        write_folder(files("two"), tmp_path, last=LAST)
    assert caught.value.problems[0].code == "in-use"
    assert list(tmp_path.iterdir()) == []
    write_folder(files("two"), tmp_path, last=LAST)
    assert whole(tmp_path)


def test_a_folder_in_the_place_of_a_file_is_told_before_the_run(tmp_path):
    (tmp_path / "b.html").mkdir()
    (tmp_path / "b.html" / "mine").write_text("mine")
    with pytest.raises(InputError, match=r"b\.html: is a folder"):
        check_names(tmp_path, NAMES)
    write = dict.fromkeys(NAMES, b"")
    with pytest.raises(InputError, match=r"b\.html"):
        write_folder(write, tmp_path, last=LAST)
    assert [path.name for path in tmp_path.iterdir()] == ["b.html"]
    assert (tmp_path / "b.html" / "mine").read_text() == "mine"


def test_a_file_held_open_is_told_before_the_run(tmp_path, monkeypatch):
    write_folder(files("one"), tmp_path, last=LAST)

    def held(self: Path, target: Path) -> Path:
        if self.name == "a.csv":
            raise PermissionError(13, "is used by another process")
        return target

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(InputError, match=r"a\.csv: cannot be replaced"):
        check_names(tmp_path, NAMES)


def test_folders_that_were_made_for_nothing_are_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_write_through", _full)
    with pytest.raises(InputError, match="No space left"):
        write_folder(files("one"), tmp_path / "a" / "b", last=LAST)
    assert list(tmp_path.iterdir()) == []


@needs_mounts
def test_a_mount_of_its_own_in_a_folder_that_is_read_only_is_fine(tmp_path):
    (tmp_path / "out").mkdir()
    mounts = f'{read_only(tmp_path)}; mount -t tmpfs none "{tmp_path}/out"'
    script = WRITE + (
        "out = Path(sys.argv[1])\n"
        "folder.check_out_dir(out)\n"
        "write('one', out); write('two', out)\n"
        "print(*sorted(p.name + ' ' + p.read_text() for p in out.iterdir()), sep='|')\n"
    )
    done = run_python(mounts, script, str(tmp_path / "out"))
    assert done.stdout.strip() == "|".join(
        f"{name} two {name}" for name in sorted(NAMES)
    ), done.stderr


@needs_mounts
def test_a_disk_that_is_full_leaves_the_earlier_run(tmp_path):
    mounts = f'mount -t tmpfs -o size=128k none "{tmp_path}"'
    script = WRITE + (
        "out = Path(sys.argv[1]); write('one', out)\n"
        "try:\n"
        "    folder.write_folder({n: b'x' * 60_000 for n in sys.argv[2:]}, out,\n"
        "                        last=sys.argv[-1])\n"
        "except InputError as error:\n"
        "    print(error)\n"
        "print(*sorted(p.read_text() for p in out.iterdir()), sep='|')\n"
    )
    done = run_python(mounts, script, str(tmp_path), *NAMES)
    told, held = done.stdout.splitlines()
    assert "No space left on device" in told, done.stderr
    assert held == "|".join(f"one {name}" for name in sorted(NAMES))


@needs_mounts
def test_a_folder_on_a_read_only_disk_is_told_before_the_run(tmp_path):
    (tmp_path / "out").mkdir()
    script = WRITE + (
        "for name in ('out', 'none/deeper'):\n"
        "    try:\n"
        "        folder.check_out_dir(Path(sys.argv[1], name))\n"
        "    except InputError as error:\n"
        "        print(error.problems[0].code)\n"
    )
    done = run_python(read_only(tmp_path), script, str(tmp_path))
    assert done.stdout.split() == ["out-not-writable"] * 2, done.stderr


def test_the_probe_leaves_nothing(tmp_path):
    for name in ("", "new/deep"):
        check_out_dir(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    assert os.listdir(tmp_path) == []


def test_a_link_in_the_folder_is_replaced_and_not_followed(tmp_path):
    out, mine = tmp_path / "out", tmp_path / "mine"
    out.mkdir()
    mine.write_text("mine")
    (out / NAMES[0]).symlink_to(mine)
    (out / LAST).symlink_to("../nowhere")
    check_names(out, NAMES)
    write_folder(files("one"), out, last=LAST)
    assert whole(out)
    assert not any(path.is_symlink() for path in out.iterdir())
    assert mine.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_single_file_is_not_written_through_a_link(tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    for name in ("file", f".file.{os.getpid()}.tmp"):
        (tmp_path / name).symlink_to(mine)
    replace_file(tmp_path / "file", b"new")
    assert mine.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"file", "mine"}
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize("kind", ["other", "longer", "link", "folder", "same"])
def test_a_scan_that_bears_our_name_is_not_replaced(tmp_path, kind):
    path = tmp_path / "t2.nii.gz"
    if kind == "link":
        path.symlink_to("nowhere")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes({"other": b"sick", "longer": b"scans", "same": b"scan"}[kind])
    if kind == "same":
        check_not_others(tmp_path, {"t2.nii.gz": b"scan", "tof.nii.gz": b"other"})
        return
    with pytest.raises(InputError, match="is not replaced"):
        check_not_others(tmp_path, {"t2.nii.gz": b"scan"})
