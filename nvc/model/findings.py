"""What was measured, and what is reported.

A `Report` and all in it are free of arrays, safe as JSON, with keys as in
``report.json``. Places are RAS mm of the reference, in a `Measurement` that a stage
returns mm of the working frame (`nvc.model.frame`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nvc.model.anatomy import Flag, NerveSegment, RemarkKind, Side, VesselKind
from nvc.model.space import Point
from nvc.model.stages import Origin, Segmentation
from nvc.notice import NOTICE

SCHEMA = "nvc-report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class VesselAtContact:
    """The vessel that comes near.

    Parameters
    ----------
    kind : VesselKind
        Artery, vein or unknown.
    diameter_mm : float or None
        Calibre at the closest place.
    name : str or None
        A name with the word "-like" where it rests on position alone.
    seen_in : str
        Role of the sequence it was measured in.
    confidence : float or None
        0 to 1: that this is a vessel at all; None in reports that do not hold it.
    name_confidence : float or None
        0 to 1: that the name is right, from calibre, place and connection to the
        basilar or a vertebral artery; None without a name, and in reports that do not
        hold it.
    """

    kind: VesselKind
    diameter_mm: float | None
    name: str | None = None
    seen_in: str = "t2"
    confidence: float | None = None
    name_confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPlace:
    """Where a place lies, beside its distance from the root detachment.

    Parameters
    ----------
    from_root_exit_mm : float or None
        Along the nerve from the root exit point, positive outwards.
    from_brainstem_mm : float or None
        Straight from the closest point on the nerve to the brainstem's surface.
    clock_hour : float or None
        Where around the nerve the vessel lies, above 0 and up to 12, as in a sagittal
        picture: 12 superior, 3 posterior, 6 inferior, 9 anterior, on both sides of
        the head alike. So the right nerve is seen along its course outwards from the
        brainstem, the left one against it.
    """

    from_root_exit_mm: float | None = None
    from_brainstem_mm: float | None = None
    clock_hour: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """How the vessel lies on the nerve.

    Parameters
    ----------
    length_mm, area_mm2 : float or None
        Of the nerve's wall where the gap is not told from zero; 0 where it is
        everywhere, None where no fit shows both walls.
    length_is_least : bool
        True where the touching part runs on past what was looked at.
    crossing_angle_deg : float or None
        Between the two courses, 0 (side by side) to 90.
    vessel_to_brainstem_mm : float or None
        Vessel wall to brainstem surface; between root exit and detachment only.
    vessel_to_brainstem_ci_mm : tuple of float or None
        Its 95 % interval.
    """

    length_mm: float | None = None
    length_is_least: bool = False
    area_mm2: float | None = None
    crossing_angle_deg: float | None = None
    vessel_to_brainstem_mm: float | None = None
    vessel_to_brainstem_ci_mm: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstOtherSide:
    """The nerve at a contact against the other side's at the same place, mirrored.

    Supporting figures only: the two sides of a head are never quite alike, and a
    vessel may press on the other nerve as well. No flag and no grade uses them.

    Parameters
    ----------
    indentation_mm : float or None
        How much thinner than the other nerve, towards the vessel; 0 where not told
        from none, None where not measured.
    deviation_mm : float or None
        How much further pushed from its course than the other nerve, likewise.
    """

    indentation_mm: float | None = None
    deviation_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """Grades of published schemes, derived from the signs that stand beside them.

    Parameters
    ----------
    sindou : str or None
        ``"I"`` simple contact, ``"II"`` displacement, ``"III"`` marked indentation.
    campos_benitez : str or None
        ``"mild"`` contact, ``"moderate"`` indentation, ``"severe"`` deviation.
    """

    sindou: str | None = None
    campos_benitez: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One place where a vessel comes within reach of CN VII.

    Parameters
    ----------
    distance_mm : float
        Wall to wall; 0 where they touch.
    distance_ci_mm : tuple of float
        95 % interval.
    contact_probability : float
        That the walls touch, by the belief after measuring.
    closest_point_nerve_mm, closest_point_vessel_mm : tuple of float
        On the two walls, RAS mm of the reference.
    nerve_segment : NerveSegment or None
        Part of the nerve at the closest point; None where the RDP is not known.
    distance_from_root_detachment_mm : float or None
        Along the nerve; negative towards the brainstem.
    vessel : VesselAtContact
        What comes near.
    indentation_mm, deviation_mm : float or None
        None: not measured.
    deformity_likelihood_ratio : float or None
        How much likelier both signs are of a deformed nerve than of an untouched one;
        None where neither is stated.
    in_vulnerable_zone : bool
        Root exit to 4 mm past the detachment.
    method : str
        How the gap was measured: ``"tube-fit"``, ``"centrelines"`` or ``"surface"``.
    resolved_mm : float or None
        A gap below this, a third of a voxel, never excludes contact.
    place : ContactPlace
        Where it lies, further figures.
    touch : Touch
        How the vessel lies on the nerve.
    against_other_side : AgainstOtherSide
        The nerve against the mirrored other side.
    """

    distance_mm: float
    distance_ci_mm: tuple[float, float]
    contact_probability: float
    closest_point_nerve_mm: Point
    closest_point_vessel_mm: Point
    nerve_segment: NerveSegment | None
    distance_from_root_detachment_mm: float | None
    vessel: VesselAtContact
    indentation_mm: float | None = None
    deviation_mm: float | None = None
    deformity_likelihood_ratio: float | None = None
    in_vulnerable_zone: bool = False
    method: str = "centrelines"
    resolved_mm: float | None = None
    place: ContactPlace = ContactPlace()
    touch: Touch = Touch()
    against_other_side: AgainstOtherSide = AgainstOtherSide()


@dataclass(frozen=True, slots=True, kw_only=True)
class SideMeasurement:
    """Every contact of one side, nearest first, and what limits it.

    Parameters
    ----------
    evaluable : bool
        False where nothing may be concluded; `reasons` says why.
    contacts : tuple of Contact
        Every place within the search distance, or that may be where nerve or vessel are
        not seen; nearest first.
    reasons : tuple of str
        Why not evaluable, or what limits the result.
    nearest_beyond : Contact or None
        Where no vessel is within the search distance between root exit and porus: the
        nearest that was found, however far.
    """

    evaluable: bool
    contacts: tuple[Contact, ...] = ()
    reasons: tuple[str, ...] = ()
    nearest_beyond: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What else a reader must not miss: a number beside what is usual, no diagnosis.

    Parameters
    ----------
    kind : RemarkKind
        What was measured.
    side : Side or None
        The patient's side; None where it concerns the middle or the whole scan.
    value : float
        What was measured.
    unit : str
        Of `value`.
    usual : str
        What is usual, in words, with the limit that `value` exceeds.
    sentence : str
        All of it for a reader.
    at_mm : tuple of float or None
        Where to look, RAS mm of the reference.
    """

    kind: RemarkKind
    side: Side | None
    value: float
    unit: str
    usual: str
    sentence: str
    at_mm: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Both sides, before any flag.

    Parameters
    ----------
    left, right : SideMeasurement
        What comes near CN VII.
    remarks : tuple of Remark
        What else a reader must not miss.
    not_looked_at : tuple of str
        What a remark could have been about, had the images shown it; with the reason.
    as_measured : Segmentation or None
        The segmentation as it was measured: CN VII laid through its own sections, and
        vessels joined that were lost at the nerve. What is shown, drawn and saved.
    """

    left: SideMeasurement
    right: SideMeasurement
    remarks: tuple[Remark, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    as_measured: Segmentation | None = field(default=None, compare=False, repr=False)

    def of(self, side: Side) -> SideMeasurement:
        """Return the measurement of one side."""
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLandmarks:
    """Landmarks as reported; None where not found."""

    root_exit_point_mm: Point | None = None
    root_detachment_mm: Point | None = None
    porus_mm: Point | None = None
    fundus_mm: Point | None = None
    source: Origin = Origin.PROPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class SideReport:
    """One side of the report; null means not measured, and `reasons` says why.

    The figures are those of the place that speaks for the side; `contacts` holds
    every place, and `contact_count` tells how many between root exit and porus count
    as contact. `grades` follow from the signs and the report's settings.
    """

    flag: Flag
    reasons: tuple[str, ...]
    distance_mm: float | None = None
    distance_ci_mm: tuple[float, float] | None = None
    contact_probability: float | None = None
    closest_point_nerve_mm: Point | None = None
    closest_point_vessel_mm: Point | None = None
    nerve_segment: NerveSegment | None = None
    distance_from_root_detachment_mm: float | None = None
    vessel: VesselAtContact | None = None
    indentation_mm: float | None = None
    deviation_mm: float | None = None
    deformity_likelihood_ratio: float | None = None
    resolved_mm: float | None = None
    place: ContactPlace = ContactPlace()
    touch: Touch = Touch()
    against_other_side: AgainstOtherSide = AgainstOtherSide()
    grades: Grades = Grades()
    contact_count: int | None = None
    landmarks: ReportedLandmarks = ReportedLandmarks()
    contacts: tuple[Contact, ...] = ()
    flag_meaning: str = ""
    base_rate: str = ""
    facial_nerve_mm: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The patient's right side less the left; None where either was not measured.

    It tells how the sides differ, not which one matters.

    Parameters
    ----------
    gap_mm : float or None
        Positive where the gap is wider on the right.
    gap_ci_mm : tuple of float or None
        95 % interval of that difference.
    gaps_differ : bool or None
        Whether that interval leaves out zero.
    vessel_diameter_mm : float or None
        Calibre of the vessel at the closest place.
    indentation_mm, deviation_mm : float or None
        Deformity of the nerve.
    contact_count : int or None
        Places that count as contact.
    """

    gap_mm: float | None = None
    gap_ci_mm: tuple[float, float] | None = None
    gaps_differ: bool | None = None
    vessel_diameter_mm: float | None = None
    indentation_mm: float | None = None
    deviation_mm: float | None = None
    contact_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRecord:
    """One input as the report names it; never a file name or an identifier."""

    role: str
    sha256: str
    shape: tuple[int, int, int]
    voxel_size_mm: tuple[float, float, float]
    orientation: str
    orientation_source: str
    registration_residual_mm: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """What made the report."""

    name: str
    version: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The content of ``report.json``; remarks as in `Measurement`."""

    software: Software
    inputs: tuple[InputRecord, ...]
    reference: str
    sides: dict[Side, SideReport]
    comparison: Comparison = Comparison()
    schema: str = SCHEMA
    notice: str = NOTICE
    reasons: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    not_looked_at: tuple[str, ...] = ()
