from dataclasses import replace

import pytest

from nvc.model.anatomy import Flag, NerveSegment, VesselKind
from nvc.model.findings import Contact, VesselAtContact
from nvc.report.flags import choose_flag, choose_headline, is_contact, is_deformed
from nvc.settings import ReportSettings

SETTINGS = ReportSettings()
TOUCHING = Contact(
    distance_mm=0.0,
    distance_ci_mm=(0.0, 0.2),
    contact_probability=0.97,
    closest_point_nerve_mm=(15.0, 2.0, 1.0),
    closest_point_vessel_mm=(15.0, 2.0, 1.0),
    nerve_segment=NerveSegment.ROOT_DETACHMENT,
    distance_from_root_detachment_mm=1.2,
    vessel=VesselAtContact(kind=VesselKind.ARTERY, diameter_mm=1.1),
)
DISTAL = replace(
    TOUCHING,
    distance_from_root_detachment_mm=6.0,
    nerve_segment=NerveSegment.CISTERNAL,
)
APART = replace(
    TOUCHING, distance_mm=0.6, distance_ci_mm=(0.3, 0.9), contact_probability=0.01
)
IN_CANAL = replace(DISTAL, nerve_segment=NerveSegment.CANAL)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Flag.PROXIMAL_CONTACT),
        (
            {"indentation_mm": 0.8, "deformity_likelihood_ratio": 900.0},
            Flag.POSSIBLE_COMPRESSION,
        ),
        (
            {"deviation_mm": 1.0, "deformity_likelihood_ratio": 151.0},
            Flag.POSSIBLE_COMPRESSION,
        ),
        (
            {"deviation_mm": 1.0, "deformity_likelihood_ratio": 149.0},
            Flag.PROXIMAL_CONTACT,
        ),
        ({"deviation_mm": 1.0}, Flag.PROXIMAL_CONTACT),
        ({"indentation_mm": 0.0, "deviation_mm": 0.0}, Flag.PROXIMAL_CONTACT),
        ({"indentation_mm": None, "deviation_mm": None}, Flag.PROXIMAL_CONTACT),
        ({"distance_from_root_detachment_mm": -7.0}, Flag.PROXIMAL_CONTACT),
        ({"distance_from_root_detachment_mm": 4.0}, Flag.PROXIMAL_CONTACT),
        ({"distance_from_root_detachment_mm": 4.1}, Flag.DISTAL_CONTACT),
        (
            {
                "distance_from_root_detachment_mm": 6.0,
                "indentation_mm": 1.0,
                "deformity_likelihood_ratio": 1e4,
            },
            Flag.DISTAL_CONTACT,
        ),
        ({"distance_from_root_detachment_mm": None}, Flag.NOT_EVALUABLE),
    ],
)
def test_contact_is_named_by_place_and_deformity(change, expected):
    assert choose_flag(replace(TOUCHING, **change), SETTINGS) is expected


@pytest.mark.parametrize(
    ("distance", "interval", "probability", "expected"),
    [
        (0.6, (0.3, 0.9), 0.01, Flag.NEAR),
        (0.3, (0.0, 0.7), 0.49, Flag.NEAR),
        (0.3, (0.0, 0.7), 0.50, Flag.PROXIMAL_CONTACT),
        (0.1, (0.05, 0.2), 0.90, Flag.NEAR),
        (1.0, (0.7, 1.3), 0.0, Flag.NEAR),
        (1.01, (0.7, 1.3), 0.0, Flag.NEAR),
        (1.2, (1.01, 1.4), 0.0, Flag.CLEAR),
    ],
)
def test_gap_bands(distance, interval, probability, expected):
    place = replace(
        TOUCHING,
        distance_mm=distance,
        distance_ci_mm=interval,
        contact_probability=probability,
    )
    assert choose_flag(place, SETTINGS) is expected


def test_interval_that_only_reaches_zero_is_no_contact():
    assert not is_contact(replace(TOUCHING, contact_probability=0.4), SETTINGS)


def test_deformity_needs_more_than_its_own_uncertainty():
    limit = SETTINGS.indentation_min_mm
    assert not is_deformed(replace(TOUCHING, indentation_mm=limit), SETTINGS)
    assert is_deformed(replace(TOUCHING, indentation_mm=limit + 0.01), SETTINGS)


def test_headline_is_the_nearest():
    farther = replace(APART, distance_mm=0.9, distance_ci_mm=(0.6, 1.2))
    assert choose_headline([farther, APART], SETTINGS) == APART


def test_a_vessel_farther_off_that_may_be_nearer_is_told():
    """The interval is that of the nearest of all, and "clear" is not said."""
    surely_off = replace(APART, distance_mm=1.6, distance_ci_mm=(1.4, 2.1))
    farther = replace(APART, distance_mm=2.4, distance_ci_mm=(0.2, 2.5))
    assert choose_flag(surely_off, SETTINGS) is Flag.CLEAR
    headline = choose_headline([farther, surely_off], SETTINGS)
    assert headline == replace(surely_off, distance_ci_mm=(0.2, 2.1))
    assert choose_flag(headline, SETTINGS) is Flag.NEAR
    # What touches is nearest, whatever another may do.
    assert choose_headline([farther, TOUCHING], SETTINGS) is TOUCHING


def test_proximal_contact_outranks_equal_distal_contact():
    proximal = replace(TOUCHING, distance_mm=0.1)
    assert choose_headline([DISTAL, proximal], SETTINGS) is proximal


def test_distal_contact_outranks_proximal_gap():
    assert choose_headline([APART, DISTAL], SETTINGS) is DISTAL


def test_deformed_contact_outranks_mild_one():
    deformed = replace(
        TOUCHING, distance_mm=0.1, deviation_mm=2.0, deformity_likelihood_ratio=200.0
    )
    assert choose_headline([TOUCHING, deformed], SETTINGS) is deformed


def test_places_in_the_canal_do_not_speak_for_the_side():
    assert choose_headline([IN_CANAL], SETTINGS) is None
    assert choose_headline([IN_CANAL, APART], SETTINGS) == APART


def test_settings_move_the_rules():
    wide = ReportSettings(vulnerable_beyond_detachment_mm=8.0, near_mm=0.25)
    assert choose_flag(DISTAL, wide) is Flag.PROXIMAL_CONTACT
    assert choose_flag(APART, wide) is Flag.CLEAR
