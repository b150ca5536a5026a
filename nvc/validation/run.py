"""Runs the whole pipeline on planned heads, from files to report."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from threading import Thread

import numba
import numpy as np

from nvc.errors import Cancelled, GeometryError, InputError
from nvc.io.doors.atomic import replace_file
from nvc.io.doors.folder import make_temporary_folder, remove_folder
from nvc.io.real_heads import open_head
from nvc.io.sample import volume_to_nifti
from nvc.io.study.load import load_study
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
from nvc.phantom import make_phantom
from nvc.phantom.options import PhantomOptions
from nvc.phantom.painted import make_painted
from nvc.phantom.recoloured import make_recoloured
from nvc.phantom.sampled import make_sampled
from nvc.phantom.stretched import make_stretched
from nvc.phantom.study import Phantom
from nvc.pipeline import Progress
from nvc.pipeline import run as run_pipeline
from nvc.settings import Settings
from nvc.validation.options import Family, HeadPlan
from nvc.validation.remark_score import find_without_cause
from nvc.validation.score import SideScore, score_side
from nvc.validation.vessel_score import VesselScore, score_vessels

_MAKERS = {
    Family.DRAWN: make_phantom,
    Family.PAINTED: make_painted,
    Family.STRETCHED: make_stretched,
    Family.SAMPLED: make_sampled,
}
_POLL_S = 0.5
_ANATOMIES = 12
"""Tried before a head is given up: of some conflicts only one in five has a course."""
_VESSELS = 4
"""The same for real heads, whose anatomy stays: only the vessels are drawn anew."""
_OTHER_ANATOMY = 1_000_003
"""Added to a seed for another anatomy; far from the seeds that anyone asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadOutcome:
    """What became of one head.

    Parameters
    ----------
    plan : HeadPlan
        What was tried.
    sides : tuple of SideScore
        Both sides; empty where the run failed.
    vessels : VesselScore or None
        Of both sides together.
    reasons : tuple of str
        What limits both sides.
    remarks : tuple of str
        Kind and words of every remark that these heads, all usual, give no cause for.
    making_s, running_s : float
        CPU time of making the head, and of the run from files to report.
    failure : str
        Why there is no result; empty where there is one.
    """

    plan: HeadPlan
    sides: tuple[SideScore, ...] = ()
    vessels: VesselScore | None = None
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    making_s: float = 0.0
    running_s: float = 0.0
    failure: str = ""


class _Pool:
    """Processes that assess heads; none outlives its run, however that ends.

    Parameters
    ----------
    jobs : int
        Heads at a time.
    folder : Path
        Where the processes put what is temporary; goes with the run.
    should_stop : callable or None
        As `validate` takes it.
    """

    def __init__(
        self, jobs: int, folder: Path, should_stop: Callable[[], bool] | None
    ) -> None:
        self._jobs = jobs
        self._folder = folder
        self._should_stop = should_stop or (lambda: False)

    def run(self, plans: dict[int, HeadPlan]) -> Iterator[tuple[int, HeadOutcome]]:
        """Yield outcomes as they come."""
        before = set(multiprocessing.active_children())
        pool = make_pool(self._jobs, self._folder)
        try:
            waiting: dict[Future[HeadOutcome], int] = {
                pool.submit(assess_head, plan): index for index, plan in plans.items()
            }
            while waiting:
                ready, _ = wait(waiting, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                for future in ready:
                    yield waiting.pop(future), future.result()
                if self._should_stop():
                    raise Cancelled("stopped on request; nothing was written")
        except BaseException:  # nobody waits for the heads any more
            for process in set(multiprocessing.active_children()) - before:
                process.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def run_alone(self, plan: HeadPlan) -> HeadOutcome:
        """Return the outcome of one head in a process of its own."""
        try:
            return next(self.run({0: plan}))[1]
        except BrokenProcessPool:
            return HeadOutcome(plan=plan, failure="its process ended without an answer")


def make_pool(jobs: int, folder: Path) -> ProcessPoolExecutor:
    """Return processes that share the cores, and end when this one does.

    Parameters
    ----------
    jobs : int
        How many.
    folder : Path
        Where they put what is temporary; they remove it if this process is killed.
    """
    threads = max((os.cpu_count() or 1) // jobs, 1)
    return ProcessPoolExecutor(
        max_workers=jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_settle,
        initargs=(threads, folder),
    )


def _settle(threads: int, folder: Path) -> None:
    """Keep a process from fighting for cores, and let it end with the one above it."""
    # Ctrl-C reaches every process of a terminal; the one above ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = str(folder)
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _end_with_parent(folder: Path) -> None:
    """Leave nothing behind where the process above was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        remove_folder(folder)
        os._exit(1)


def validate(
    plans: Sequence[HeadPlan],
    *,
    jobs: int = 1,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[HeadOutcome]:
    """Try every planned head.

    Parameters
    ----------
    plans : sequence of HeadPlan
        What to try.
    jobs : int
        Heads at a time, each in a process of its own.
    on_progress : callable, optional
        ``on_progress(head, fraction)`` after every head.
    should_stop : callable, optional
        Asked twice a second; returning True ends the run.

    Returns
    -------
    list of HeadOutcome
        In the order of `plans`. A head that crashes is a failure, not lost.

    Raises
    ------
    Cancelled
        If `should_stop` said so.
    """
    with make_temporary_folder("nvc-validate-") as folder:
        return _validated(plans, _Pool(jobs, folder, should_stop), on_progress)


def _validated(
    plans: Sequence[HeadPlan], pool: _Pool, on_progress: Progress | None
) -> list[HeadOutcome]:
    done: dict[int, HeadOutcome] = {}

    def note(index: int, outcome: HeadOutcome) -> None:
        done[index] = outcome
        if on_progress is not None:
            on_progress(f"Tried {outcome.plan.name}", len(done) / len(plans))

    try:
        for index, outcome in pool.run(dict(enumerate(plans))):
            note(index, outcome)
    except BrokenProcessPool:
        # One head took its process down, and the pool with it: try each one alone.
        for index in sorted(set(range(len(plans))) - set(done)):
            note(index, pool.run_alone(plans[index]))
    return [done[index] for index in range(len(plans))]


def assess_head(plan: HeadPlan) -> HeadOutcome:
    """Make one head, run the pipeline on its files and score the result.

    Any error becomes the outcome's `failure`: one head must not hide the others.
    """
    start = time.process_time()
    try:
        phantom = _made(plan)
        made = time.process_time()
        outcome = _measured(plan, phantom)
    except Exception as error:  # noqa: BLE001 the boundary of one head
        return HeadOutcome(plan=plan, failure=_tell(error))
    end = time.process_time()
    return HeadOutcome(
        plan=plan,
        sides=outcome.sides,
        vessels=outcome.vessels,
        reasons=outcome.reasons,
        remarks=outcome.remarks,
        making_s=round(made - start, 2),
        running_s=round(end - made, 2),
    )


def _tell(error: Exception) -> str:
    """Say what went wrong; paths are of this machine, and stay out of the figures."""
    words = str(error)
    if isinstance(error, InputError):
        words = "; ".join(problem.reason for problem in error.problems)
    elif isinstance(error, OSError):
        words = error.strerror or ""
    return f"{type(error).__name__}: {words}"


def _made(plan: HeadPlan) -> Phantom:
    """Make a head; with another anatomy where the one drawn has no such conflict.

    A vessel is asked for at a place and a gap, and not every anatomy has a course for
    it that leaves brain and bone alone.
    """
    make = _maker(plan)
    tries = _VESSELS if plan.head is not None else _ANATOMIES
    seeds = [plan.options.seed + n * _OTHER_ANATOMY for n in range(tries)]
    for seed in seeds[:-1]:
        try:
            return make(replace(plan.options, seed=seed))
        except GeometryError:
            continue
    return make(replace(plan.options, seed=seeds[-1]))


def _maker(plan: HeadPlan) -> Callable[[PhantomOptions], Phantom]:
    if plan.head is None:
        return _MAKERS[plan.family]
    head = open_head(plan.head)
    return partial(make_recoloured, head.volume, head.reading)


def _measured(plan: HeadPlan, phantom: Phantom) -> HeadOutcome:
    settings = Settings()
    with make_temporary_folder("nvc-validate-") as folder:
        files = {}
        for role, volume in phantom.volumes.items():
            files[role] = folder / f"{role.value}.nii.gz"
            replace_file(files[role], volume_to_nifti(volume, np.int16))
        study = load_study(t2=files[SequenceRole.T2], tof=files.get(SequenceRole.TOF))
        result = run_pipeline(study, settings)
    segmentation, report = result.segmentation, result.report
    return HeadOutcome(
        plan=plan,
        sides=tuple(
            score_side(
                phantom.truth["sides"],
                side,
                segmentation.sides[side],
                report.sides[side],
                settings.report,
            )
            for side in Side
        ),
        vessels=score_vessels(phantom.truth, segmentation.vessels),
        reasons=report.reasons,
        remarks=find_without_cause(phantom.truth, report.remarks),
    )
