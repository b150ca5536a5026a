"""``nvc demo``: the main job on the sample study that comes with the program."""

from __future__ import annotations

from pathlib import Path

import typer

from nvc.cli.options import OutOption
from nvc.cli.running import measure_and_report
from nvc.cli.session import DebugOption, QuietOption


def demo(
    ctx: typer.Context,
    *,
    out: OutOption = Path("demo-out"),
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure the sample study and write its report.

    The study is a phantom that comes with the program.
    """
    del debug, quiet  # their callbacks have acted
    from nvc.io.sample import find_sample_study
    from nvc.io.study.load import load_study
    from nvc.saving.names import check_output

    folder = find_sample_study()
    check_output(out, [folder])
    study = load_study(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")
    typer.echo("The sample study is a phantom: no patient was ever imaged.\n")
    measure_and_report(ctx.obj, study, out, [folder])
