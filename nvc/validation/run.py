"""Runs the whole pipeline on planned heads, from files to report."""

from __future__ import annotations

import _thread
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from threading import Thread

import numba
import numpy as np

from nvc.errors import Cancelled, GeometryError
from nvc.io.doors.atomic import replace_file
from nvc.io.doors.folder import make_temporary_folder
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
_GRACE_S = 3.0
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
    done: dict[int, HeadOutcome] = {}

    def note(index: int, outcome: HeadOutcome) -> None:
        done[index] = outcome
        if on_progress is not None:
            on_progress(f"Tried {outcome.plan.name}", len(done) / len(plans))

    stop = should_stop or (lambda: False)
    try:
        for index, outcome in _pooled(dict(enumerate(plans)), jobs, stop):
            note(index, outcome)
    except BrokenProcessPool:
        # One head took its process down, and the pool with it: try each one alone.
        for index in sorted(set(range(len(plans))) - set(done)):
            note(index, _alone(plans[index], stop))
    return [done[index] for index in range(len(plans))]


def _pooled(
    plans: dict[int, HeadPlan], jobs: int, should_stop: Callable[[], bool]
) -> Iterator[tuple[int, HeadOutcome]]:
    """Yield outcomes as they come."""
    pool = make_pool(jobs)
    try:
        waiting: dict[Future[HeadOutcome], int] = {
            pool.submit(assess_head, plan): index for index, plan in plans.items()
        }
        while waiting:
            ready, _ = wait(waiting, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            for future in ready:
                yield waiting.pop(future), future.result()
            if should_stop():
                raise Cancelled("stopped on request; nothing was written")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _alone(plan: HeadPlan, should_stop: Callable[[], bool]) -> HeadOutcome:
    try:
        return next(_pooled({0: plan}, 1, should_stop))[1]
    except BrokenProcessPool:
        return HeadOutcome(plan=plan, failure="its process ended without an answer")


def make_pool(jobs: int) -> ProcessPoolExecutor:
    """Return processes that share the cores, and end when this one does."""
    threads = max((os.cpu_count() or 1) // jobs, 1)
    return ProcessPoolExecutor(
        max_workers=jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(threads,),
    )


def _begin(threads: int) -> None:
    """Keep the processes from fighting for cores, and from outliving who began them."""
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process once its parent has ended, even if that was killed.

    The head at work is interrupted, so that its files go; what does not heed that is
    ended with the process.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    _thread.interrupt_main()
    time.sleep(_GRACE_S)
    os._exit(1)


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
        return HeadOutcome(plan=plan, failure=f"{type(error).__name__}: {error}")
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
