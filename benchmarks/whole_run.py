"""CPU time and memory of a whole run, stage by stage, against one scale of sato.

Run ``python -m benchmarks.whole_run`` in the repository. A phantom of 376 x 402 x 88
voxels of 0.4 mm (T2) and 400 x 450 x 94 (TOF) is written to files; a process of its
own measures it from the files to the report, and another one lets
``skimage.filters.sato`` filter the same T2 at one scale. Each on one thread. The first
run after an installation also compiles: run it twice.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nvc.phantom import PhantomOptions
from nvc.phantom.options import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = PhantomOptions(
    seed=31,
    right=Conflict(vessel="aica", segment="root_detachment", indentation_mm=0.3),
    left=Conflict(vessel="pica", segment="cisternal", gap_mm=0.8),
    tilt_deg=(6.0, -4.0, 5.0),
    t2_voxel_mm=(0.4, 0.4, 0.4),
    t2_extent_mm=(150.4, 160.8, 35.2),
    tof_voxel_mm=(0.4, 0.4, 0.5),
    tof_extent_mm=(160.0, 180.0, 47.0),
)
SATO_SIGMA_VOXELS = 2.0
MOST_GIB = 1.5


@dataclass(slots=True)
class Cost:
    """CPU seconds by name, in the order in which they were spent, and the peak."""

    cpu_s: dict[str, float] = field(default_factory=dict)
    peak_gib: float = 0.0

    @property
    def total_s(self) -> float:
        """All CPU seconds."""
        return sum(self.cpu_s.values())


def measure_run(folder: Path) -> Cost:
    """Measure the study in a folder, from its files to the report's value."""
    from nvc.io.study.load import load_study
    from nvc.pipeline import run

    cost = Cost()
    last = time.process_time()
    study = load_study(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")
    at = "Reading"

    def note(step: str, _: float) -> None:
        nonlocal at, last
        now = time.process_time()
        cost.cpu_s[at] = cost.cpu_s.get(at, 0.0) + now - last
        at, last = step, now

    run(study, on_progress=note)
    note("", 1.0)
    cost.peak_gib = _peak_gib()
    return cost


def measure_sato(folder: Path) -> Cost:
    """Filter the T2 of a folder at one scale."""
    from skimage.filters import sato

    from nvc.io.study.load import load_study

    study = load_study(t2=folder / "t2.nii.gz")
    volume = study.series[study.reference_role].volume
    image = np.asarray(volume.voxels, dtype=np.float32)
    start = time.process_time()
    sato(image, sigmas=[SATO_SIGMA_VOXELS], black_ridges=False)
    return Cost({"sato": time.process_time() - start}, _peak_gib())


def _peak_gib() -> float:
    # Linux counts KiB, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def _alone(work: Callable[[Path], Cost], folder: Path) -> Cost:
    """Run in a process of its own, so that its peak is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (folder,))


def main() -> None:
    """Print what every stage costs, and the ratio to sato."""
    from nvc.io.sample import write_sample

    with tempfile.TemporaryDirectory(prefix="nvc-benchmark-") as name:
        write_sample(OPTIONS, Path(name))
        ours = _alone(measure_run, Path(name))
        sato = _alone(measure_sato, Path(name))
    write = sys.stdout.write
    for step, seconds in ours.cpu_s.items():
        write(f"{step:36s} {seconds:8.2f} CPU s  x{seconds / sato.total_s:5.2f}\n")
    write(f"{'whole run':36s} {ours.total_s:8.2f} CPU s")
    write(f"  x{ours.total_s / sato.total_s:5.2f} of sato at one scale\n")
    write(f"{'sato at one scale':36s} {sato.total_s:8.2f} CPU s\n")
    write(f"peak memory {ours.peak_gib:.2f} GiB (limit {MOST_GIB:g}), ")
    write(f"sato {sato.peak_gib:.2f} GiB\n")


if __name__ == "__main__":
    main()
