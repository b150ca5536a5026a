"""The numbers as a DICOM structured report: Comprehensive 3D SR after TID 1500."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydicom.sr.coding import Code

from nvc.io.dicom_out import codes
from nvc.io.dicom_out.names import MAKER, MODEL, SR_FILE, name_object
from nvc.io.dicom_out.uids import derive_uid
from nvc.model.anatomy import Flag, Side
from nvc.notice import NOTICE

if TYPE_CHECKING:
    from highdicom.sr import Measurement, MeasurementsAndQualitativeEvaluations
    from pydicom.dataset import Dataset

    from nvc.model.findings import Report, SideReport

_LPS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One reader's word on one side.

    Parameters
    ----------
    side : Side
        The patient's side.
    reader : str
        As the reader gave it.
    verdict, reason : str
        In the reader's words.
    time : str
        ISO 8601, UTC.
    """

    side: Side
    reader: str
    verdict: str
    reason: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReading:
    """Who read, and how far the reading has come; nobody, and not at all, by itself.

    Parameters
    ----------
    reader : str
        Who read first; empty where nobody did.
    signatures : tuple of Signed
        In force.
    is_signed : bool
        Whether both sides are signed as they stand: COMPLETE and VERIFIED only then.
    """

    reader: str = ""
    signatures: tuple[Signed, ...] = ()
    is_signed: bool = False


def make_report_document(
    report: Report,
    evidence: Sequence[Dataset],
    reading: SignedReading,
    *,
    frame_of_reference_uid: str,
    uids: tuple[str, str],
) -> Dataset:
    """Return the SR; PARTIAL and UNVERIFIED unless both sides are signed.

    Parameters
    ----------
    report : Report
        Places in RAS mm of the reference; they are written in LPS mm.
    evidence : sequence of Dataset
        Source images, and the segmentation.
    reading : SignedReading
        Who read it.
    frame_of_reference_uid : str
        Of the source.
    uids : tuple of str
        Of series and instance.
    """
    from highdicom import sr

    groups = [
        _group(side, report.sides[side], reading, frame_of_reference_uid, uids[1])
        for side in (Side.RIGHT, Side.LEFT)
    ]
    content = sr.MeasurementReport(
        observation_context=_observers(reading, report.software.version),
        procedure_reported=codes.MRI_HEAD,
        imaging_measurements=groups,
    )
    content[0].ContentSequence.append(_text(NOTICE))
    document = sr.Comprehensive3DSR(
        evidence=list(evidence),
        content=content,
        **name_object(SR_FILE, uids, report.software.version),
        is_complete=reading.is_signed,
        is_final=reading.is_signed,
        is_verified=reading.is_signed,
        verifying_observer_name=_person(reading.signatures[0].reader)
        if reading.is_signed
        else None,
        verifying_organization="not stated" if reading.is_signed else None,
    )
    document.CodingSchemeIdentificationSequence = [codes.name_private_scheme()]
    if reading.is_signed:
        _name_verifiers(document, reading)
    return document


def _name_verifiers(document: Dataset, reading: SignedReading) -> None:
    """Name every reader who signed, with the time of the signature."""
    from copy import deepcopy

    first = document.VerifyingObserverSequence[0]
    latest = {one.reader: one.time for one in reading.signatures}
    items = []
    for reader, time in latest.items():
        item = deepcopy(first)
        item.VerifyingObserverName = _person(reader)
        digits = "".join(c for c in time.split("+")[0].split(".")[0] if c.isdigit())
        item.VerificationDateTime = f"{digits}+0000"
        items.append(item)
    document.VerifyingObserverSequence = items


def _observers(reading: SignedReading, version: str) -> object:
    from highdicom import sr
    from pydicom.sr.codedict import codes as dictionary

    device = sr.ObserverContext(
        observer_type=dictionary.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=derive_uid("device", [version]),
            name=MODEL,
            manufacturer_name=MAKER,
            model_name=f"{MODEL} {version}",
        ),
    )
    if not reading.reader:
        return sr.ObservationContext(observer_device_context=device)
    person = sr.ObserverContext(
        observer_type=dictionary.DCM.Person,
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(
            name=_person(reading.reader)
        ),
    )
    return sr.ObservationContext(
        observer_person_context=person, observer_device_context=device
    )


def _group(
    side: Side, found: SideReport, reading: SignedReading, frame_uid: str, own_uid: str
) -> MeasurementsAndQualitativeEvaluations:
    from highdicom import sr

    site = sr.FindingSite(codes.FACIAL_NERVE, laterality=codes.LATERALITY[side])
    is_evaluable = found.flag is not Flag.NOT_EVALUABLE
    told = [
        (
            codes.EVALUABILITY,
            codes.EVALUABLE if is_evaluable else codes.NOT_EVALUABLE,
        )
    ]
    if found.nerve_segment is not None:
        told.append((codes.NERVE_SEGMENT, codes.NERVE_SEGMENTS[found.nerve_segment]))
    if found.vessel is not None:
        told.append((codes.VESSEL_KIND, codes.VESSEL_KINDS[found.vessel.kind]))
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=derive_uid("group", [own_uid, side]),
            identifier=f"Patient's {side}, CN VII",
        ),
        finding_type=codes.FINDING,
        finding_sites=[site],
        measurements=_measurements(found, frame_uid) or None,
        qualitative_evaluations=[sr.QualitativeEvaluation(*one) for one in told],
    )
    lines = [*found.reasons]
    lines += [
        f"Signed by {one.reader}, {one.time}: {one.verdict}. {one.reason}".strip()
        for one in reading.signatures
        if one.side is side
    ]
    for line in lines:
        group[0].ContentSequence.append(_text(line))
    return group


def _measurements(found: SideReport, frame_uid: str) -> list[Measurement]:
    """Return the gap with its interval and its line, and what belongs to it."""
    from highdicom import sr

    if found.distance_mm is None:
        return []
    properties = None
    numbers: list[tuple[Code, float | None, Code]] = []
    if found.distance_ci_mm is not None:
        lower, upper = found.distance_ci_mm
        properties = sr.MeasurementProperties(
            upper_measurement_uncertainty=upper - found.distance_mm,
            lower_measurement_uncertainty=found.distance_mm - lower,
        )
        numbers += [
            (codes.GAP_LOWER, lower, codes.MM),
            (codes.GAP_UPPER, upper, codes.MM),
        ]
        for end in properties:  # highdicom writes them without a unit
            unit = sr.CodedConcept.from_code(codes.MM)
            end.MeasuredValueSequence[0].MeasurementUnitsCodeSequence = [unit]
    gap = sr.Measurement(
        name=codes.DISTANCE,
        value=found.distance_mm,
        unit=codes.MM,
        derivation=codes.MINIMUM,
        properties=properties,
        referenced_coordinates=_line(found, frame_uid),
    )
    numbers += [
        (codes.ALONG_NERVE, found.distance_from_root_detachment_mm, codes.MM),
        (codes.CONTACT_PROBABILITY, found.contact_probability, codes.NO_UNITS),
    ]
    if found.vessel is not None:
        numbers.append((codes.VESSEL_DIAMETER, found.vessel.diameter_mm, codes.MM))
    return [gap] + [
        sr.Measurement(name=name, value=value, unit=unit)
        for name, value, unit in numbers
        if value is not None
    ]


def _line(found: SideReport, frame_uid: str) -> list[object] | None:
    """Return the line from wall to wall, LPS mm; a point where the walls touch."""
    from highdicom import sr

    ends = (found.closest_point_nerve_mm, found.closest_point_vessel_mm)
    if None in ends:
        return None
    places = np.array(ends, dtype=float) * _LPS
    is_point = bool(
        (np.float32(places[0]) == np.float32(places[1])).all()
    )  # as SCOORD3D stores them
    return [
        sr.CoordinatesForMeasurement3D(
            graphic_type=sr.GraphicTypeValues3D.POINT
            if is_point
            else sr.GraphicTypeValues3D.POLYLINE,
            graphic_data=places[:1] if is_point else places,
            frame_of_reference_uid=frame_uid,
        )
    ]


def _text(line: str) -> Dataset:
    from highdicom import sr

    return sr.TextContentItem(
        name=codes.COMMENT,
        value=line,
        relationship_type=sr.RelationshipTypeValues.CONTAINS,
    )


def _person(reader: str) -> str:
    """Return a reader's name as a DICOM person name, in one part."""
    plain = " ".join(reader.replace("\\", " ").replace("=", " ").split())
    return plain if "^" in plain else f"{plain}^"
