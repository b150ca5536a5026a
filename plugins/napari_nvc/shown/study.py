"""What is under review, without Qt: files, study, results, and what to show of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from napari_nvc.shown import layers
from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.model.findings import Report
from nvc.model.grid import Grid, Volume
from nvc.model.review import ReviewState
from nvc.model.space import Point
from nvc.model.study import SequenceRole, Study
from nvc.summary import FindingRow, finding_rows

if TYPE_CHECKING:
    from nvc.io.study.inspection import FoundSeries
    from nvc.measurement.gap.profile import GapProfile
    from nvc.pipeline import Result

Progress = Callable[[str, float], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """One series that was found, and what it is to be used for.

    Parameters
    ----------
    path : Path
        Where it was found.
    number : int
        Of the series at that path, from 1.
    role : SequenceRole
        Guessed, or chosen by the reader; ``OTHER`` leaves it out.
    reason : str
        What the guess rests on.
    shape, voxels : str
        In words.
    problem : str
        Why it cannot be used; empty where it can.
    """

    path: Path
    number: int
    role: SequenceRole
    reason: str = ""
    shape: str = ""
    voxels: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A study that was read, before anything is known of it.

    Parameters
    ----------
    study : Study
        As it was read.
    paths : tuple of Path
        Where its series come from.
    grid : Grid
        The reading grid: voxels to true RAS mm, its axes along R, A and S.
    reference : Volume
        In canonical storage order, perhaps oblique.
    shown : list of LayerData
        The reference on the reading grid.
    """

    study: Study
    paths: tuple[Path, ...]
    grid: Grid
    reference: Volume
    shown: list[layers.LayerData]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reviewed:
    """A measured study, ready to be shown.

    Parameters
    ----------
    found : Result
        As the pipeline found it, before any correction.
    result : Result
        With the reader's corrections; the same that the command writes.
    companions : tuple of LayerData
        The sequences beside the reference, on the reading grid.
    findings : tuple of LayerData
        Labels, landmarks and closest points.
    surfaces : tuple of LayerData
        Nerves and vessels in 3D, vertices in the viewer's axes.
    profiles : mapping of Side to GapProfile
        The gap along each nerve, its points in true RAS mm.
    state : ReviewState
        Whose corrections `result` and the labels hold, and with whose landmarks `found`
        was searched.
    """

    found: Result
    result: Result
    companions: tuple[layers.LayerData, ...] = ()
    findings: tuple[layers.LayerData, ...] = ()
    surfaces: tuple[layers.LayerData, ...] = ()
    profiles: Mapping[Side, GapProfile] = field(default_factory=dict)
    state: ReviewState = field(default_factory=ReviewState)

    @property
    def report(self) -> Report:
        """The findings, as in ``report.json``."""
        return self.result.report

    @property
    def rows(self) -> tuple[FindingRow, FindingRow]:
        """The findings in words, the patient's right first."""
        return finding_rows(self.report)

    def find_place(self, side: Side) -> Point | None:
        """Return where to look on one side: the contact, else a landmark.

        True RAS mm; None where nothing was found.
        """
        return find_place(self.report, side)


def find_place(report: Report, side: Side) -> Point | None:
    """Return where to look on one side: the contact, else a landmark.

    True RAS mm; None where nothing was found.
    """
    findings = report.sides[side]
    marks = findings.landmarks
    places = (
        findings.closest_point_nerve_mm,
        marks.root_detachment_mm,
        marks.porus_mm,
    )
    return next((place for place in places if place is not None), None)


def list_demo_rows() -> list[SeriesRow]:
    """Return the series of the packaged sample study."""
    from nvc.io.sample import find_sample_study

    folder = find_sample_study()
    return [
        SeriesRow(path=folder / f"{role}.nii.gz", number=1, role=role)
        for role in (SequenceRole.T2, SequenceRole.TOF)
    ]


def list_rows(paths: Iterable[Path]) -> tuple[list[SeriesRow], list[str]]:
    """List the series at some paths, and in words what is wrong with them.

    Of ``scan.dcm#2`` all series are listed, and the second alone may be used.
    """
    from nvc.io.study.load import list_series
    from nvc.io.study.sources import split_series

    rows: dict[tuple[Path, int], SeriesRow] = {}
    problems: list[str] = []
    for path in paths:
        whole, named = split_series(path)
        try:
            inspection = list_series(paths=[path])
        except InputError as error:
            problems.append(str(error))
            continue
        problems += [str(problem) for problem in inspection.problems]
        problems += inspection.warnings  # what was passed over, what lies apart
        if closed := inspection.name_closed():
            problems.append(f"May not be read: {closed}")
        for number, found in zip(
            _numbers(len(inspection.series), named), inspection.series, strict=True
        ):
            row = _row(whole, number, found)
            if not row.problem or (whole, number) not in rows:
                rows[whole, number] = row
    order = {path: n for n, (path, _) in reversed([*enumerate(rows)])}
    return [rows[k] for k in sorted(rows, key=lambda k: (order[k[0]], k[1]))], problems


def _numbers(count: int, named: int | None) -> list[int]:
    """Return the numbers of series as they are listed: one that was named is first."""
    numbers = list(range(1, count + 1))
    if named not in numbers:
        return numbers
    return [named, *(number for number in numbers if number != named)]


def _row(path: Path, number: int, found: FoundSeries) -> SeriesRow:
    grid = found.grid
    return SeriesRow(
        path=path,
        number=number,
        # What cannot be used is not: the others may be opened.
        role=SequenceRole.OTHER if found.problems else found.role,
        reason=found.role_reason,
        shape="" if grid is None else " x ".join(map(str, grid.shape)),
        voxels=""
        if grid is None
        else " x ".join(f"{mm:.2g}" for mm in grid.voxel_size_mm),
        problem="; ".join(problem.reason for problem in found.problems),
    )


def open_rows(rows: Sequence[SeriesRow]) -> Opened:
    """Read the chosen series.

    Raises
    ------
    InputError
        If one cannot be used, or neither a T2 nor a T1 is among them.
    """
    from nvc.io.study.by_content import load_chosen
    from nvc.io.study.sources import ChosenPath

    roles: dict[Path, dict[int, SequenceRole]] = {}
    for row in rows:
        roles.setdefault(row.path, {})[row.number] = row.role
    used = {
        path: chosen
        for path, chosen in roles.items()
        if any(role is not SequenceRole.OTHER for role in chosen.values())
    }
    if not used:
        raise InputError.of(
            "no-reference", "Open study", "choose which series is the T2 or the T1."
        )
    study = load_chosen(ChosenPath(path=p, roles=r) for p, r in used.items())
    return open_study(study, tuple(used))


def open_study(study: Study, paths: tuple[Path, ...]) -> Opened:
    """Return a study with its reference as it is shown before anything is known."""
    role = study.reference_role
    volume = study.series[role].volume.canonical()
    grid = layers.choose_reading_grid(volume.grid)
    image = layers.make_image_layer(volume, grid, role.value.upper())
    return Opened(study=study, paths=paths, grid=grid, reference=volume, shown=[image])


def reopen_study(state: ReviewState, places: Iterable[Path]) -> Opened:
    """Find and read the inputs of a review by their digests.

    Raises
    ------
    InputError
        If one was not found.
    """
    from nvc.reviews.inputs import load_study_of

    study, paths = load_study_of(state, places)
    return open_study(study, paths)


def measure(
    study: Study, state: ReviewState, on_progress: Progress, should_stop: Stop
) -> Reviewed:
    """Measure a study by the same pipeline as the command, and the corrections."""
    from nvc.reviews.edits import measure_found

    found = measure_found(
        study, state, on_progress=on_progress, should_stop=should_stop
    )
    on_progress("Preparing the views", 1.0)
    return _prepared(found, state)


def measure_again(
    reviewed: Reviewed, state: ReviewState, on_progress: Progress, should_stop: Stop
) -> Reviewed:
    """Measure with what was moved and painted; below a second.

    Where the reader asked for it since, nerves and vessels are followed anew first.
    """
    from nvc.reviews.edits import search_again

    found = reviewed.found
    if state.search_landmarks != reviewed.state.search_landmarks:
        found = search_again(
            found, state, on_progress=on_progress, should_stop=should_stop
        )
    return _prepared(found, state, reviewed)


def _prepared(
    found: Result, state: ReviewState, before: Reviewed | None = None
) -> Reviewed:
    """Measure with the corrections, and make what is shown, away from the window."""
    from napari_nvc.shown.surfaces import make_gap_surfaces
    from nvc.reviews.edits import measure_edited

    result = measure_edited(found, state)
    # Labels are those measured before corrections, with the strokes on them: what is
    # painted on must not move under the brush. Unchanged, they are not resampled.
    same = before is not None and before.found is found
    kept = before is not None and same and before.state.paintings == state.paintings
    labels = (
        before.findings[0]
        if before is not None and kept
        else make_found_layer(found, state)
    )
    companions = (
        tuple(make_companion_layers(found)) if before is None else before.companions
    )
    return Reviewed(
        found=found,
        result=result,
        companions=companions,
        findings=(
            labels,
            layers.make_landmark_layer(result.report),
            layers.make_contact_layer(result.report),
        ),
        surfaces=tuple(make_gap_surfaces(result.shown)),
        profiles=_profiles(result),
        state=state,
    )


def make_companion_layers(result: Result) -> list[layers.LayerData]:
    """Return what is laid over the reference: the TOF, for example."""
    aligned = result.aligned
    grid = layers.choose_reading_grid(aligned.reference.grid)
    return [layers.make_overlay_layer(c, grid) for c in aligned.companions.values()]


def make_found_layer(found: Result, state: ReviewState) -> layers.LayerData:
    """Return the labels that were found, with every stroke on them."""
    from nvc.io.nifti.labels_out import COLOURS

    grid = layers.choose_reading_grid(found.aligned.reference.grid)
    return layers.make_label_layer(paint_labels(found, state), grid, COLOURS)


def paint_labels(found: Result, state: ReviewState) -> Volume:
    """Return the labels that were found, with every stroke on them."""
    from nvc.reviews.edits import paint_found
    from nvc.reviews.strokes import apply_strokes

    return apply_strokes(paint_found(found, state), state.paintings)


def _profiles(result: Result) -> dict[Side, GapProfile]:
    from nvc.measurement.gap.profile import trace_gap_profile

    found = {
        side: trace_gap_profile(result.shown, side, result.report.sides[side].contacts)
        for side in Side
    }
    return {side: profile for side, profile in found.items() if profile is not None}
