"""Puts the report together: the flag of each side, its limits and its origin."""

from __future__ import annotations

from dataclasses import asdict, replace
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Flag, Side
from nvc.model.findings import (
    InputRecord,
    Report,
    ReportedLandmarks,
    SideReport,
    Software,
)
from nvc.model.space import to_point
from nvc.model.study import SequenceRole
from nvc.report.comparison import compare
from nvc.report.flags import (
    choose_flag,
    choose_headline,
    is_absence_known,
    is_contact,
    is_deformed,
    is_judged,
    is_placed,
    is_proximal,
    is_surely_deformed,
)
from nvc.report.grades import grade_place
from nvc.report.wording import (
    BASE_RATE,
    FLAG_MEANING,
    LABELS_GIVEN,
    NOT_ASSESSED,
    NOT_ASSESSED_T2,
    describe_missed_artery,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nvc.model.findings import Contact, Measurement
    from nvc.model.space import Point
    from nvc.model.stages import Aligned, Segmentation, SideLandmarks
    from nvc.model.study import Series, Study
    from nvc.settings import Settings
    from nvc.settings.report import ReportSettings

SOFTWARE_NAME = "NVC Review"
DISTRIBUTION = "nvc-review"


def make_report(
    study: Study,
    aligned: Aligned,
    segmentation: Segmentation,
    measurement: Measurement,
    settings: Settings,
    version: str | None = None,
) -> Report:
    """Turn what was measured into what is reported.

    Parameters
    ----------
    study : Study
        What was given; names the inputs.
    aligned : Aligned
        Reference and the registration residuals.
    segmentation : Segmentation
        Nerves, landmarks and whether vessels were assessed.
    measurement : Measurement
        Contacts of both sides.
    settings : Settings
        Saved with the report.
    version : str, optional
        Of this software; the installed one where not given.

    Returns
    -------
    Report
        Both sides with flags, limits and provenance; no arrays.
    """
    sides = {
        side: _side_report(side, aligned, segmentation, measurement, settings)
        for side in Side
    }
    return Report(
        software=Software(
            name=SOFTWARE_NAME,
            version=version or _installed_version(),
            settings=asdict(settings),
        ),
        inputs=tuple(
            _input_record(series, aligned) for _, series in sorted(study.series.items())
        ),
        reference=str(aligned.reference_role),
        sides=sides,
        comparison=compare(sides[Side.RIGHT], sides[Side.LEFT]),
        reasons=_distinct(
            [
                *([LABELS_GIVEN] if segmentation.labels is not None else []),
                *study.warnings,
                *aligned.reasons,
                *segmentation.reasons,
            ]
        ),
        remarks=measurement.remarks,
        not_looked_at=measurement.not_looked_at,
    )


def _installed_version() -> str:
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown (not installed)"


def _side_report(
    side: Side,
    aligned: Aligned,
    segmentation: Segmentation,
    measurement: Measurement,
    settings: Settings,
) -> SideReport:
    measured = measurement.of(side)
    nerves = segmentation.sides.get(side)
    landmarks = _reported(nerves.landmarks) if nerves else ReportedLandmarks()
    reasons = [*(nerves.reasons if nerves else ()), *measured.reasons]
    contacts = tuple(
        replace(contact, in_vulnerable_zone=is_proximal(contact, settings.report))
        for contact in measured.contacts
    )
    nearest = choose_headline(contacts, settings.report)
    assessed = segmentation.vessels_assessed.get(side, False)
    seen = nearest is not None and is_contact(nearest, settings.report)
    if not measured.evaluable:
        nearest, contacts, flag = None, (), Flag.NOT_EVALUABLE
        reasons = reasons or ["this side could not be measured"]
    elif not assessed and not seen:
        nearest, flag = None, Flag.NOT_EVALUABLE
        is_t1 = aligned.reference_role is SequenceRole.T1
        reasons.insert(0, NOT_ASSESSED if is_t1 else NOT_ASSESSED_T2)
    elif nearest is None and not is_absence_known(
        measured, segmentation.vessel_free_mm.get(side, 0.0), settings.report
    ):
        flag = Flag.NOT_EVALUABLE
        reasons.insert(0, describe_missed_artery(settings.report.artery_within_mm))
    else:
        within = settings.measure.search_distance_mm
        if nearest is None or nearest.distance_mm > within:
            reasons.insert(0, f"no vessel within {within:g} mm of the nerve")
        beyond = measured.nearest_beyond
        known = contacts if beyond is None else (*contacts, beyond)
        nearest = choose_headline(known, settings.report)
        flag = Flag.CLEAR if nearest is None else choose_flag(nearest, settings.report)
    reasons += _limits(nearest, contacts, settings)
    if seen and not assessed and nearest is not None:
        reasons.append("other vessels on this side were not assessed")
    report = SideReport(
        flag=flag,
        reasons=_distinct(reasons),
        landmarks=landmarks,
        contacts=contacts,
        flag_meaning=FLAG_MEANING[flag],
        base_rate=BASE_RATE[flag],
        contact_count=_contact_count(contacts, settings)
        if measured.evaluable and (assessed or seen)
        else None,
        facial_nerve_mm=_drawn_course(measurement.as_measured or segmentation, side),
    )
    return report if nearest is None else _with_headline(report, nearest, settings)


def _drawn_course(segmentation: Segmentation, side: Side) -> tuple[Point, ...]:
    """Return the course of CN VII as it is drawn; empty where it was not found."""
    nerves = segmentation.sides.get(side)
    if nerves is None or nerves.facial is None:
        return ()
    return _points(nerves.facial.points_mm)


def _contact_count(contacts: tuple[Contact, ...], settings: Settings) -> int:
    """Count the places between root exit and porus that count as contact."""
    return sum(
        is_judged(contact) and is_contact(contact, settings.report)
        for contact in contacts
    )


def _with_headline(
    report: SideReport, contact: Contact, settings: Settings
) -> SideReport:
    return replace(
        report,
        distance_mm=contact.distance_mm,
        distance_ci_mm=contact.distance_ci_mm,
        contact_probability=contact.contact_probability,
        closest_point_nerve_mm=contact.closest_point_nerve_mm,
        closest_point_vessel_mm=contact.closest_point_vessel_mm,
        nerve_segment=contact.nerve_segment,
        distance_from_root_detachment_mm=contact.distance_from_root_detachment_mm,
        vessel=contact.vessel,
        indentation_mm=contact.indentation_mm,
        deviation_mm=contact.deviation_mm,
        deformity_likelihood_ratio=contact.deformity_likelihood_ratio,
        resolved_mm=contact.resolved_mm,
        place=contact.place,
        touch=contact.touch,
        against_other_side=contact.against_other_side,
        grades=grade_place(contact, settings.report),
    )


def _limits(
    nearest: Contact | None, contacts: tuple[Contact, ...], settings: Settings
) -> list[str]:
    """Say in plain words what keeps the result from being certain."""
    limits = []
    if nearest is not None:
        near_mm = settings.report.near_mm
        low, high = nearest.distance_ci_mm
        if low <= 0 and not is_contact(nearest, settings.report):
            limits.append("contact is not excluded: the interval reaches zero")
        elif low <= near_mm < nearest.distance_mm:
            limits.append(
                f"a gap within {near_mm:g} mm is not excluded: "
                f"the interval reaches {low:.1f} mm"
            )
        elif nearest.distance_mm <= near_mm < high and low > 0:
            limits.append(f"the gap may be as wide as {high:.1f} mm")
        if not is_placed(nearest):
            limits.append(
                "where along the nerve the vessel comes near is not known: proximal "
                "and distal cannot be told apart"
            )
        if nearest.indentation_mm is None and nearest.deviation_mm is None:
            why = " (only done where contact is not excluded)" if low > 0 else ""
            limits.append(f"deformity of the nerve was not measured{why}")
        limits += _unsure_deformity(nearest, settings.report)
    inside = [contact for contact in contacts if not is_judged(contact)]
    if inside:
        gap = min(contact.distance_mm for contact in inside)
        limits.append(
            f"a vessel inside the canal ({gap:.1f} mm from the nerve) is listed but "
            "not judged"
        )
    return limits


def _unsure_deformity(contact: Contact, settings: ReportSettings) -> list[str]:
    """Say that a stated sign does not suffice for the strongest flag."""
    if not is_deformed(contact, settings) or is_surely_deformed(contact, settings):
        return []
    ratio = contact.deformity_likelihood_ratio or 0.0
    return [
        "the nerve may be deformed there, not beyond doubt: what is seen is "
        f"{ratio:.0f} times likelier if it is, where "
        f"{settings.compression_likelihood_ratio:g} times are asked for"
    ]


def _input_record(series: Series, aligned: Aligned) -> InputRecord:
    companion = aligned.companions.get(series.role)
    grid = series.volume.grid
    return InputRecord(
        role=str(series.role),
        sha256=series.sha256,
        shape=grid.shape,
        voxel_size_mm=grid.voxel_size_mm,
        orientation=grid.axis_codes,
        orientation_source=series.orientation_source,
        registration_residual_mm=companion.residual_mm if companion else None,
        warnings=series.warnings,
    )


def _reported(landmarks: SideLandmarks) -> ReportedLandmarks:
    return ReportedLandmarks(
        root_exit_point_mm=_point(landmarks.root_exit_point_mm),
        root_detachment_mm=_point(landmarks.root_detachment_mm),
        porus_mm=_point(landmarks.porus_mm),
        fundus_mm=_point(landmarks.fundus_mm),
        source=landmarks.source,
    )


def _point(values: NDArray[np.float64] | None) -> Point | None:
    return None if values is None else to_point(values)


def _points(values: NDArray[np.float64]) -> tuple[Point, ...]:
    return tuple(to_point(value) for value in values)


def _distinct(sentences: Iterable[str]) -> tuple[str, ...]:
    """Drop repeated sentences, keeping the order."""
    return tuple(dict.fromkeys(sentences))
