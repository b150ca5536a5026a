"""Heads run through real processes; one whole head from files to score."""

from __future__ import annotations

import multiprocessing
import os
import select
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nvc.errors import Cancelled, GeometryError, InputError
from nvc.io.doors.folder import make_temporary_folder
from nvc.model.anatomy import Side
from nvc.phantom.options import Conflict, PhantomOptions
from nvc.validation import run
from nvc.validation.options import Family, HeadPlan
from nvc.validation.run import assess_head, validate

IMPOSSIBLE = HeadPlan(
    family=Family.PAINTED, options=PhantomOptions(seed=3, with_t1=True)
)


def test_a_head_that_cannot_be_made_is_a_recorded_failure() -> None:
    seen: list[float] = []
    outcomes = validate(
        [IMPOSSIBLE, replace(IMPOSSIBLE)],
        jobs=1,
        on_progress=lambda _name, fraction: seen.append(fraction),
    )
    assert [o.plan for o in outcomes] == [IMPOSSIBLE, IMPOSSIBLE]
    assert all("InputError" in o.failure and not o.sides for o in outcomes)
    assert seen == [0.5, 1.0]


def test_a_run_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        validate([IMPOSSIBLE] * 2, should_stop=lambda: True)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    "error",
    [
        InputError.of("damaged", "heads/doe^jane/head.nii.gz", "is damaged."),
        FileNotFoundError(2, "No such file or directory", "heads/doe^jane/head.nii.gz"),
    ],
)
def test_no_path_gets_into_the_figures(monkeypatch, error) -> None:
    def maker(_options: PhantomOptions) -> None:
        raise error

    monkeypatch.setitem(run._MAKERS, Family.DRAWN, maker)
    outcome = assess_head(HeadPlan(family=Family.DRAWN, options=PhantomOptions(seed=8)))
    assert type(error).__name__ in outcome.failure
    assert "doe" not in outcome.failure


@pytest.mark.slow
def test_one_painted_head_from_files_to_score() -> None:
    options = PhantomOptions(
        seed=41,
        right=Conflict(vessel="aica", segment="cisternal", gap_mm=0.8),
        t2_extent_mm=(116.0, 80.0, 36.0),
        t2_voxel_mm=(0.6, 0.6, 0.6),
        with_tof=False,
        noise=0.02,
    )
    outcome = assess_head(HeadPlan(family=Family.PAINTED, options=options))
    assert outcome.failure == ""
    assert outcome.vessels is not None
    right = next(s for s in outcome.sides if s.side == Side.RIGHT)
    assert right.true_gap_mm == pytest.approx(0.8, abs=0.005)
    assert right.evaluable
    assert right.gap_error_mm == pytest.approx(0.0, abs=0.3)
    assert right.porus_error_mm is not None
    assert right.porus_error_mm < 2.5
    assert not right.wrong_nerve
    assert not right.wrong_side


def test_an_anatomy_without_room_for_the_conflict_is_drawn_anew(monkeypatch) -> None:
    asked: list[int] = []

    def maker(options: PhantomOptions) -> None:
        asked.append(options.seed)
        if len(asked) < 3:
            raise GeometryError("no course found")
        raise RuntimeError("made")

    monkeypatch.setitem(run._MAKERS, Family.PAINTED, maker)
    outcome = assess_head(
        HeadPlan(family=Family.PAINTED, options=PhantomOptions(seed=8))
    )
    assert outcome.failure == "RuntimeError: made"
    assert asked[0] == 8
    assert len(set(asked)) == 3


def test_a_conflict_that_no_anatomy_has_is_a_failure(monkeypatch) -> None:
    def maker(_options: PhantomOptions) -> None:
        raise GeometryError("no course found")

    monkeypatch.setitem(run._MAKERS, Family.DRAWN, maker)
    outcome = assess_head(HeadPlan(family=Family.DRAWN, options=PhantomOptions(seed=8)))
    assert outcome.failure == "GeometryError: no course found"


PARENT = """
import os, time
from nvc.io.doors.folder import make_temporary_folder
from nvc.validation.run import make_pool
from tests.nvc.validation.test_run import hold_a_folder
if __name__ == "__main__":
    with make_temporary_folder("validate-") as folder:
        pool = make_pool(1, folder)
        waiting = pool.submit(hold_a_folder)
        time.sleep(600)
"""


def hold_a_folder() -> None:
    """Work for long, with files, as a head does."""
    with make_temporary_folder("held-") as folder:
        (folder / str(os.getpid())).touch()
        while True:
            time.sleep(0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_processes_end_with_a_parent_that_is_killed(tmp_path):
    held = tmp_path / "temporary"
    held.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"TMPDIR": str(held)},
    ) as parent:
        pids: list[int] = []
        while not pids:
            assert parent.poll() is None
            time.sleep(0.05)
            pids = [int(path.name) for path in held.glob("validate-*/held-*/*")]
        handles = [os.pidfd_open(pid) for pid in pids]
        parent.kill()
        parent.wait()
    for handle in handles:
        assert select.select([handle], [], [], 60)[0], "outlived its parent"
        os.close(handle)
    assert not list(held.iterdir())
