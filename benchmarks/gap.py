"""Error and CPU time of a measured gap, against a distance map of perfect masks.

Run ``python -m benchmarks.gap`` in the repository. Both see the same drawn tubes in
the same run; the distance map (SciPy's exact Euclidean one) is even given the true
masks, which no segmentation has.
"""

from __future__ import annotations

import sys

import numpy as np

from tests.nvc.measure.test_tube_fit import TRIALS, run

COUNT = 30


def main() -> None:
    """Print a table: mean absolute error of both, and their CPU time as a ratio."""
    run(next(iter(TRIALS.values())), 2, seed=1)  # compile before anything is timed
    rows = ["trial           fit, mm   map, mm   map / fit   CPU s fit   fit / map"]
    for number, (name, trial) in enumerate(TRIALS.items()):
        outcome = run(trial, COUNT, seed=211 + number)
        fit, voxel = (
            float(np.mean(np.abs(errors)))
            for errors in (outcome.error_mm, outcome.voxel_error_mm)
        )
        cpu, voxel_cpu = np.median(outcome.cpu_s), np.median(outcome.voxel_cpu_s)
        rows.append(
            f"{name:<14} {fit:8.3f}  {voxel:8.3f}   {voxel / fit:9.1f}   "
            f"{cpu:9.3f}   {cpu / voxel_cpu:9.1f}"
        )
    sys.stdout.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
