"""Writes real heads, coloured anew, as files: t2.nii.gz, tof.nii.gz and truth.json.

Run ``python -m benchmarks.recolour HEAD --seed 1 2 3 --out DIR`` in the repository.
HEAD is one of the T1s that were read by eye (`nvc.io.real_heads`); another is refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from nvc.errors import NvcError
from nvc.io.real_heads import open_head
from nvc.io.sample import volume_to_nifti
from nvc.phantom.recoloured import make_recoloured
from nvc.phantom.recoloured.truth import describe_shortly
from nvc.validation.options import Family, plan_head


def main() -> int:
    """Write one study of a head for every seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("head", type=Path, help="a T1: NIfTI, or a folder of DICOM")
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    try:
        head = open_head(asked.head)
    except NvcError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for seed in asked.seed:
        name = f"{head.reading.head}-{seed}"
        plan = plan_head(Family.RECOLOURED, seed)
        try:
            made = make_recoloured(head.volume, head.reading, plan.options)
        except NvcError as error:
            sys.stderr.write(f"{name}: {error}\n")
            continue
        folder = asked.out / name
        folder.mkdir(parents=True, exist_ok=True)
        for role, volume in made.volumes.items():
            file = folder / f"{role.value}.nii.gz"
            file.write_bytes(volume_to_nifti(volume, np.int16))
        truth = json.dumps(describe_shortly(made, name))
        (folder / "truth.json").write_text(truth, encoding="utf-8")
        sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
