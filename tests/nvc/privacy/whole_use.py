"""All that a user does with one study, from inspecting it to comparing two readers.

Usage: python -m tests.nvc.privacy.whole_use T2 TOF SETTINGS, in a folder of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nvc.pipeline
from nvc.cli import main
from nvc.io.study.by_content import load_chosen
from nvc.io.study.sources import ChosenPath
from nvc.model.anatomy import Side
from nvc.model.review import Confidence, Rating, RuleOut, SymptomaticSide, Verdict
from nvc.model.study import SequenceRole
from nvc.report.wording import CHECKLIST
from nvc.reviews.handover import hand_over
from nvc.reviews.session import ReviewSession
from nvc.settings import Settings


def use(t2: Path, tof: Path, settings: Path) -> None:
    """Inspect, measure, review, hand over, compare; and fail in several ways."""
    results = remember_results()
    given = ["--t2", str(t2), "--tof", str(tof)]
    with_settings = ["--settings", str(settings)]
    succeed("inspect", *given, "--out", "inspected")
    succeed("inspect", "--json", str(t2.parent))
    succeed("measure", "--quiet", *given, *with_settings, "--out", "measured")
    study = load_chosen(
        [
            ChosenPath(path=t2, roles={1: SequenceRole.T2}),
            ChosenPath(path=tof, roles={1: SequenceRole.TOF}),
        ]
    )
    reviews = []
    for reader in ("A. Reader", "B. Reader"):
        session = ReviewSession.begin(study, Settings())
        review(session, reader, results[0])
        reviews.append(str(session.path))
    hand_over(session, results[0], Path("handed"), [t2, tof])
    succeed("agreement", *reviews)
    fail(given, settings, t2, tof)


def remember_results() -> list[nvc.pipeline.Result]:
    """Keep what is measured: a review is then made of the same."""
    results: list[nvc.pipeline.Result] = []
    run = nvc.pipeline.run

    def remembered(*told, **options):
        results.append(run(*told, **options))
        return results[-1]

    nvc.pipeline.run = remembered
    return results


def review(session: ReviewSession, reader: str, result: nvc.pipeline.Result) -> None:
    """Take every step that there is."""
    for side in Side:
        session.rate(side, Rating.CONTACT, Confidence.LOW, reader=reader)
    session.reveal()
    session.measured(result.report)
    session.add_ruler((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    session.tell_history(SymptomaticSide.LEFT, "for two years")
    for name, _ in CHECKLIST:
        session.rule_out(name, RuleOut.NOT_SEEN_HERE)
    for side in Side:
        session.sign(side, Verdict.AGREE, "", reader)


def fail(given: list[str], settings: Path, t2: Path, tof: Path) -> None:
    """Give what cannot be measured."""
    refuse("measure", *given, "--out", str(t2.parent))
    refuse("measure", "--t2", str(settings), "--out", "none")
    refuse("measure", *given, "--labels", str(tof), "--out", "none")
    refuse("measure", *given, "--landmarks", str(settings), "--out", "none")
    refuse("measure", *given, "--settings", str(tof), "--out", "none")
    refuse("measure", "--review", str(settings), "--out", "none")
    refuse("agreement", str(settings), str(tof))
    damaged = t2.parent / "Zqdamaged.nii.gz"
    damaged.write_bytes(tof.read_bytes()[:200_000])
    refuse("measure", "--t2", str(damaged), "--out", "none")
    refuse("inspect", str(damaged))


def succeed(*argv: str) -> None:
    assert main(argv) == 0, argv


def refuse(*argv: str) -> None:
    assert main(argv) == 2, argv


if __name__ == "__main__":
    use(*map(Path, sys.argv[1:]))
