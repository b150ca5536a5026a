from dataclasses import replace

import numpy as np
import pytest

from nvc.model.anatomy import Flag, NerveSegment, Side, VesselKind
from nvc.model.findings import (
    Contact,
    Measurement,
    SideMeasurement,
    VesselAtContact,
)
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Aligned,
    Companion,
    Segmentation,
    SideLandmarks,
    SideNerves,
    Tube,
)
from nvc.model.study import SequenceRole, Series, Study
from nvc.report import make_report
from nvc.report.wording import (
    BASE_RATE,
    FLAG_MEANING,
    LABELS_GIVEN,
    NOT_ASSESSED,
)
from nvc.settings import Settings

NEAR = Contact(
    distance_mm=0.6,
    distance_ci_mm=(0.3, 0.9),
    contact_probability=0.02,
    closest_point_nerve_mm=(-15.0, 2.0, 1.0),
    closest_point_vessel_mm=(-15.0, 2.0, 1.6),
    nerve_segment=NerveSegment.TRANSITION,
    distance_from_root_detachment_mm=2.0,
    vessel=VesselAtContact(kind=VesselKind.VEIN, diameter_mm=1.0),
)
TOUCHING = replace(
    NEAR, distance_mm=0.0, distance_ci_mm=(0.0, 0.2), contact_probability=0.95
)


def volume() -> Volume:
    grid = Grid(shape=(4, 5, 6), voxel_to_ras_mm=np.diag([0.5, 0.5, 0.6, 1.0]))
    return Volume(grid=grid, voxels=np.zeros(grid.shape, np.float32))


def series(role: SequenceRole, warnings: tuple[str, ...] = ()) -> Series:
    return Series(
        role=role,
        volume=volume(),
        sha256="0" * 64,
        orientation_source="sform",
        name="series",
        warnings=warnings,
    )


def nerves() -> SideNerves:
    points = np.linspace([-10.0, 0.0, 0.0], [-25.0, 5.0, 2.0], 20)
    return SideNerves(
        facial=Tube(
            points_mm=points,
            radius_mm=np.full(20, 0.8),
            position_sd_mm=np.full(20, 0.1),
        ),
        vestibulocochlear=None,
        landmarks=SideLandmarks(root_detachment_mm=points[3]),
        reasons=("weak contrast",),
    )


def report_of(
    measured: SideMeasurement,
    *,
    assessed: bool = True,
    role: SequenceRole = SequenceRole.T2,
    facial: SideNerves | None = None,
    free_mm: float = 0.0,
):
    """The report when both sides are measured alike."""
    reference = volume()
    tof = Companion(
        role=SequenceRole.TOF,
        volume=volume(),
        reference_to_companion_mm=np.eye(4),
        residual_mm=0.25,
    )
    return make_report(
        Study(
            series={
                role: series(role),
                SequenceRole.TOF: series(SequenceRole.TOF, ("thick slices",)),
            },
            warnings=("frames differ",),
        ),
        Aligned(
            reference=reference,
            reference_role=role,
            companions={SequenceRole.TOF: tof},
            reasons=("T1 refused",),
        ),
        Segmentation(
            sides=dict.fromkeys(Side, facial or nerves()),
            vessels_assessed=dict.fromkeys(Side, assessed),
            vessel_free_mm=dict.fromkeys(Side, free_mm),
        ),
        Measurement(left=measured, right=measured),
        Settings(),
        "1.2.3",
    )


def found(*contacts: Contact, **options):
    measured = SideMeasurement(evaluable=True, contacts=contacts)
    return report_of(measured, **options).sides[Side.LEFT]


def test_headline_fields_are_those_of_the_contact():
    side = found(NEAR)
    assert side.flag is Flag.NEAR
    assert side.distance_mm == NEAR.distance_mm
    assert side.distance_ci_mm == NEAR.distance_ci_mm
    assert side.closest_point_vessel_mm == NEAR.closest_point_vessel_mm
    assert side.nerve_segment is NerveSegment.TRANSITION
    assert side.vessel == NEAR.vessel
    assert len(side.facial_nerve_mm) == 20
    assert side.landmarks.root_detachment_mm == pytest.approx(side.facial_nerve_mm[3])
    assert side.landmarks.porus_mm is None


def test_every_flag_carries_its_meaning_and_base_rate():
    assert set(FLAG_MEANING) == set(BASE_RATE) == set(Flag)
    side = found(TOUCHING)
    assert side.flag_meaning == FLAG_MEANING[Flag.PROXIMAL_CONTACT]
    assert "1 of 5 normal sides" in side.base_rate


def test_vulnerable_zone_is_marked_on_every_contact():
    distal = replace(NEAR, distance_from_root_detachment_mm=7.0)
    unknown = replace(NEAR, distance_from_root_detachment_mm=None)
    marks = [c.in_vulnerable_zone for c in found(NEAR, distal, unknown).contacts]
    assert marks == [True, False, False]


def beyond(distance_mm: float | None) -> SideMeasurement:
    """A side with nothing in reach, and the nearest vessel so far away."""
    if distance_mm is None:
        return SideMeasurement(evaluable=True)
    interval = (distance_mm - 0.5, distance_mm + 0.5)
    far = replace(NEAR, distance_mm=distance_mm, distance_ci_mm=interval)
    return SideMeasurement(evaluable=True, nearest_beyond=far)


@pytest.mark.parametrize("distance_mm", [2.6, 9.9])
def test_no_vessel_in_reach_is_clear_and_says_so(distance_mm):
    side = report_of(beyond(distance_mm)).sides[Side.LEFT]
    assert side.flag is Flag.CLEAR
    assert side.distance_mm == distance_mm
    assert "no vessel within 2 mm of the nerve" in side.reasons


@pytest.mark.parametrize("distance_mm", [10.1, 29.8, None])
def test_where_not_even_aica_was_found_nothing_is_clear(distance_mm):
    side = report_of(beyond(distance_mm)).sides[Side.LEFT]
    assert side.flag is Flag.NOT_EVALUABLE
    assert side.distance_mm is None
    assert "no vessel was found within 10 mm of CN VII" in side.reasons[0]
    assert "none found is not absence" in side.reasons[0]


@pytest.mark.parametrize(("free_mm", "flag"), [(0.9, "not_evaluable"), (1.0, "clear")])
def test_a_side_is_clear_where_a_vessel_would_have_shown(free_mm, flag):
    side = report_of(beyond(None), free_mm=free_mm).sides[Side.LEFT]
    assert side.flag.value == flag


@pytest.mark.parametrize("role", [SequenceRole.T1, SequenceRole.T2])
@pytest.mark.parametrize("contacts", [(), (NEAR,)])
def test_unassessed_vessels_are_never_clear_or_near(role, contacts):
    side = found(*contacts, assessed=False, role=role)
    assert side.flag is Flag.NOT_EVALUABLE
    assert side.distance_mm is None
    assert len(side.contacts) == len(contacts)
    assert (NOT_ASSESSED in side.reasons) == (role is SequenceRole.T1)
    assert any("no vessel found is not absence" in text for text in side.reasons)


def test_contact_seen_counts_even_where_vessels_were_not_assessed():
    side = found(TOUCHING, assessed=False)
    assert side.flag is Flag.PROXIMAL_CONTACT
    assert "other vessels on this side were not assessed" in side.reasons


def test_not_evaluable_side_reports_no_numbers():
    measured = SideMeasurement(
        evaluable=False, contacts=(TOUCHING,), reasons=("CN VII was not found",)
    )
    side = report_of(measured).sides[Side.RIGHT]
    assert side.flag is Flag.NOT_EVALUABLE
    assert side.contacts == ()
    assert side.distance_mm is None
    assert side.reasons == ("weak contrast", "CN VII was not found")


def test_side_without_nerve_has_a_reason():
    lost = SideNerves(
        facial=None, vestibulocochlear=None, landmarks=SideLandmarks(), reasons=()
    )
    measured = SideMeasurement(evaluable=False)
    side = report_of(measured, facial=lost).sides[Side.LEFT]
    assert side.reasons == ("this side could not be measured",)
    assert side.facial_nerve_mm == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"distance_mm": 0.3, "distance_ci_mm": (0.0, 0.6)},
            "contact is not excluded: the interval reaches zero",
        ),
        (
            {"distance_mm": 1.2, "distance_ci_mm": (0.8, 1.6)},
            "a gap within 1 mm is not excluded: the interval reaches 0.8 mm",
        ),
        ({"distance_ci_mm": (0.3, 1.4)}, "the gap may be as wide as 1.4 mm"),
        (
            {},
            "deformity of the nerve was not measured (only done where contact is not "
            "excluded)",
        ),
    ],
)
def test_limits_are_said(change, sentence):
    assert sentence in found(replace(NEAR, **change)).reasons


def test_contact_at_an_unknown_place_keeps_its_numbers_but_no_verdict():
    side = found(replace(TOUCHING, distance_from_root_detachment_mm=None))
    assert side.flag is Flag.NOT_EVALUABLE
    assert side.distance_mm == 0.0
    assert any("where along the nerve" in text for text in side.reasons)


def test_canal_vessel_is_listed_not_judged():
    inside = replace(TOUCHING, nerve_segment=NerveSegment.CANAL)
    side = found(inside)
    assert side.flag is Flag.CLEAR
    assert len(side.contacts) == 1
    assert any("inside the canal" in text for text in side.reasons)


def test_inputs_settings_and_limits_of_the_whole_run():
    report = report_of(SideMeasurement(evaluable=True))
    tof, t2 = (report.inputs[i] for i in (1, 0))
    assert (t2.role, tof.role) == ("t2", "tof")
    assert t2.registration_residual_mm is None
    assert tof.registration_residual_mm == 0.25
    assert tof.warnings == ("thick slices",)
    assert t2.voxel_size_mm == pytest.approx((0.5, 0.5, 0.6))
    assert t2.orientation == "RAS"
    assert report.reasons == ("frames differ", "T1 refused")
    assert report.software.version == "1.2.3"
    assert report.software.settings["report"]["near_mm"] == 1.0


def test_repeated_reasons_are_said_once():
    measured = SideMeasurement(evaluable=True, reasons=("weak contrast",))
    assert report_of(measured).sides[Side.LEFT].reasons.count("weak contrast") == 1


def test_given_labels_are_named():
    reference = volume()
    mask = Volume(grid=reference.grid, voxels=np.zeros(reference.grid.shape, np.uint8))
    whole = SideMeasurement(evaluable=True)
    report = make_report(
        Study(series={SequenceRole.T2: series(SequenceRole.T2)}),
        Aligned(reference=reference, reference_role=SequenceRole.T2),
        Segmentation(sides={}, labels=mask),
        Measurement(left=whole, right=whole),
        Settings(),
    )
    assert report.reasons == (LABELS_GIVEN,)


def test_version_is_the_installed_one_where_not_given():
    from importlib.metadata import version

    whole = SideMeasurement(evaluable=True)
    measurement = Measurement(left=whole, right=whole)
    report = make_report(
        Study(series={SequenceRole.T2: series(SequenceRole.T2)}),
        Aligned(reference=volume(), reference_role=SequenceRole.T2),
        Segmentation(sides={}),
        measurement,
        Settings(),
    )
    assert report.software.version == version("nvc-review")
    assert report.sides[Side.LEFT].flag is Flag.NOT_EVALUABLE
