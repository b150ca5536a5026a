import json
from dataclasses import replace

import jsonschema
import pytest

from nvc.errors import InputError
from nvc.io.records.report_json import (
    build_report_schema,
    read_report,
    read_shipped_schema,
    report_from_json,
    report_to_json,
    schema_to_text,
)
from nvc.model.anatomy import Flag, Side

SIDE_KEYS = {
    "flag", "reasons", "distance_mm", "distance_ci_mm", "contact_probability",
    "closest_point_nerve_mm", "closest_point_vessel_mm", "nerve_segment",
    "distance_from_root_detachment_mm", "vessel", "indentation_mm", "deviation_mm",
    "landmarks", "contacts",
}  # fmt: skip


@pytest.fixture
def plain(outcome):
    return json.loads(report_to_json(outcome.report))


def test_keys_are_those_that_readers_rely_on(plain):
    assert list(plain)[:6] == [
        "schema", "notice", "software", "inputs", "reference", "sides",
    ]  # fmt: skip
    assert plain["schema"] == "nvc-report/1"
    assert list(plain["sides"]) == ["left", "right"]
    for side in plain["sides"].values():
        assert set(side) >= SIDE_KEYS
        assert set(side["landmarks"]) >= {
            "root_exit_point_mm", "root_detachment_mm", "porus_mm", "source",
        }  # fmt: skip
    vessel = plain["sides"]["right"]["vessel"]
    assert set(vessel) >= {"kind", "diameter_mm"}
    assert set(plain["inputs"][0]) >= {
        "role", "sha256", "shape", "voxel_size_mm", "orientation_source",
    }  # fmt: skip
    contact = plain["sides"]["right"]["contacts"][0]
    assert set(contact) >= SIDE_KEYS - {"flag", "reasons", "landmarks", "contacts"}


def test_report_is_valid_against_the_shipped_schema(plain):
    jsonschema.Draft202012Validator.check_schema(read_shipped_schema())
    jsonschema.validate(plain, read_shipped_schema())


def test_side_without_anything_is_valid_too(outcome):
    empty = replace(
        outcome.report,
        sides={
            side: replace(
                outcome.report.sides[side],
                flag=Flag.NOT_EVALUABLE,
                distance_mm=None,
                distance_ci_mm=None,
                vessel=None,
                nerve_segment=None,
                contacts=(),
            )
            for side in Side
        },
    )
    jsonschema.validate(json.loads(report_to_json(empty)), read_shipped_schema())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "nvc-report/2"),
        (("sides", "left", "flag"), "compression"),
        (("sides", "left", "distance_mm"), "none"),
        (("sides", "left"), None),
    ],
)
def test_schema_refuses_what_is_wrong(plain, path, value):
    *parents, last = path
    inner = plain
    for key in parents:
        inner = inner[key]
    inner[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain, read_shipped_schema())


def test_schema_demands_every_key(plain):
    del plain["sides"]["right"]["distance_mm"]
    with pytest.raises(jsonschema.ValidationError, match="distance_mm"):
        jsonschema.validate(plain, read_shipped_schema())


def test_shipped_schema_is_in_step_with_the_types():
    assert read_shipped_schema() == build_report_schema()
    assert json.loads(schema_to_text()) == build_report_schema()


def test_report_comes_back_as_it_was(outcome):
    text = report_to_json(outcome.report)
    again = report_from_json(text)
    assert report_to_json(again) == text
    assert again.sides[Side.RIGHT].flag is outcome.report.sides[Side.RIGHT].flag
    assert again.sides[Side.RIGHT].contacts[0].vessel.name == "AICA-like"


def test_certainty_of_vessel_and_name_are_written(plain):
    vessel = plain["sides"]["right"]["contacts"][0]["vessel"]
    assert (vessel["confidence"], vessel["name_confidence"]) == (0.9, 0.85)


def test_a_report_from_before_names_had_a_certainty_still_loads(plain):
    for side in plain["sides"].values():
        for vessel in (side["vessel"], *(one["vessel"] for one in side["contacts"])):
            del vessel["confidence"], vessel["name_confidence"]
    vessel = report_from_json(json.dumps(plain)).sides[Side.RIGHT].vessel
    assert vessel.name == "AICA-like"
    assert vessel.confidence is None
    assert vessel.name_confidence is None


def test_numbers_are_rounded_and_zero_has_no_sign(outcome):
    sides = outcome.report.sides
    side = replace(sides[Side.LEFT], distance_mm=-1e-9, indentation_mm=0.123456789)
    report = replace(outcome.report, sides={**sides, Side.LEFT: side})
    written = json.loads(report_to_json(report))["sides"]["left"]
    assert str(written["distance_mm"]) == "0.0"
    assert written["indentation_mm"] == 0.1235


def test_settings_are_kept_as_they_were_set(outcome):
    software = replace(outcome.report.software, settings={"tiny": 1.23456789e-7})
    text = report_to_json(replace(outcome.report, software=software))
    assert report_from_json(text).software.settings == {"tiny": 1.23456789e-7}


def test_number_that_is_not_finite_is_refused(outcome):
    sides = outcome.report.sides
    side = replace(sides[Side.LEFT], distance_mm=float("nan"))
    with pytest.raises(ValueError, match="JSON compliant"):
        report_to_json(replace(outcome.report, sides={**sides, Side.LEFT: side}))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"schema": "nvc-report/9"}', '{"schema": "nvc-report/1"}'],
)
def test_what_is_no_report_is_one_clear_line(text, tmp_path):
    path = tmp_path / "some.json"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_report(path)
    assert "some.json" in str(error.value)
    assert "\n" not in str(error.value)
