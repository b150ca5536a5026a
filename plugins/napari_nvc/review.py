"""What is under review, without Qt: files, study, result, and what to show of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_nvc import layers
from nvc.model.anatomy import Side
from nvc.model.findings import Point, Report
from nvc.model.study import Study
from nvc.summary import FindingRow, finding_rows

if TYPE_CHECKING:
    from nvc.pipeline import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPaths:
    """Where the sequences lie: a NIfTI file or a DICOM folder each.

    Parameters
    ----------
    t2, tof, t1 : Path or None
        Of each role.
    folder : Path or None
        Holds several series, whose roles are guessed.
    """

    t2: Path | None = None
    tof: Path | None = None
    t1: Path | None = None
    folder: Path | None = None

    @property
    def may_hold_reference(self) -> bool:
        """Whether a T2 or a T1 can be among them."""
        return any((self.t2, self.t1, self.folder))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reviewed:
    """A measured study, ready to be shown.

    Parameters
    ----------
    result : Result
        Every value of the run; the same that the command writes.
    layers : list of LayerData
        Images, structures, landmarks and closest points.
    """

    result: Result
    layers: list[layers.LayerData]

    @property
    def report(self) -> Report:
        """The findings, as in ``report.json``."""
        return self.result.report

    @property
    def rows(self) -> tuple[FindingRow, FindingRow]:
        """The findings in words, the patient's right first."""
        return finding_rows(self.report)

    def place_of(self, side: Side) -> Point | None:
        """Return where to look on one side: the contact, else a landmark; RAS mm."""
        findings = self.report.sides[side]
        marks = findings.landmarks
        places = (
            findings.closest_point_nerve_mm,
            marks.root_detachment_mm,
            marks.porus_mm,
        )
        return next((place for place in places if place is not None), None)


def demo_paths() -> StudyPaths:
    """Return where the packaged sample study lies."""
    from nvc.io.sample import sample_study_folder

    folder = sample_study_folder()
    return StudyPaths(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")


def load(paths: StudyPaths) -> Study:
    """Read the sequences.

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    from nvc.io.study import load_study

    further = () if paths.folder is None else (paths.folder,)
    return load_study(t2=paths.t2, tof=paths.tof, t1=paths.t1, paths=further)


def measure(
    paths: StudyPaths,
    on_progress: Callable[[str, float], None],
    should_stop: Callable[[], bool],
) -> Reviewed:
    """Read and measure a study by the same pipeline as the command.

    Parameters
    ----------
    paths : StudyPaths
        Which files.
    on_progress : callable
        ``on_progress(step, fraction)``.
    should_stop : callable
        Asked between steps.

    Raises
    ------
    Cancelled
        If `should_stop` said so.
    InputError
        If a file cannot be used.
    """
    from nvc.pipeline import run

    on_progress("Reading", 0.0)
    study = load(paths)
    result = run(study, on_progress=on_progress, should_stop=should_stop)
    on_progress("Preparing the view", 1.0)
    return Reviewed(result=result, layers=result_layers(result))


def save(reviewed: Reviewed, folder: Path) -> None:
    """Write the files that ``nvc measure --out`` writes.

    Raises
    ------
    InputError
        If `folder` cannot be written to.
    """
    from nvc.saving import save as save_result

    save_result(reviewed.result, folder)


def study_layers(study: Study) -> list[layers.LayerData]:
    """Return the reference of a study as an image; companions need registration."""
    role = study.reference_role
    volume = study.series[role].volume.canonical()
    grid = layers.reading_grid(volume.grid)
    return [layers.image_layer(volume, grid, role.value.upper())]


def result_layers(result: Result) -> list[layers.LayerData]:
    """Return a measured study as layers, the reference lowest."""
    from nvc.io.labels_out import COLOURS
    from nvc.segment.paint import paint_labels

    aligned = result.aligned
    grid = layers.reading_grid(aligned.reference.grid)
    name = aligned.reference_role.value.upper()
    labels = paint_labels(aligned.reference.grid, result.segmentation)
    return [
        layers.image_layer(aligned.reference, grid, name),
        *(layers.overlay_layer(c, grid) for c in aligned.companions.values()),
        layers.label_layer(labels, grid, COLOURS),
        layers.landmark_layer(result.report),
        layers.contact_layer(result.report),
    ]
