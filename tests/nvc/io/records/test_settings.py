"""Settings from files and words: every mistake is told, nothing is dropped."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import TypeAdapter

from nvc.errors import InputError, SettingsError
from nvc.io.records.settings import load_settings, replace_settings
from nvc.settings import Settings, walk_settings
from nvc.settings.retired import MOVED, UNREAD


def test_nothing_given_gives_the_defaults():
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.json", '{"measure": {"search_distance_mm": 3}}'),
        ("s.json", '{"measure.search_distance_mm": 3.0}'),
        ("s.toml", "[measure]\nsearch_distance_mm = 3"),
        ("s.toml", "measure.search_distance_mm = 3.0"),
        ("s", '\ufeff{"measure": {"search_distance_mm": 3}}'),
    ],
)
def test_files_of_either_form(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    settings = load_settings(path)
    assert settings.measure.search_distance_mm == 3.0
    assert settings.report == Settings().report


def test_words_win_over_the_file(tmp_path):
    path = tmp_path / "s.json"
    path.write_text('{"report": {"near_mm": 0.8}}')
    settings = load_settings(path, ["report.near_mm = 0.9", "input.max_slice_mm=1.5"])
    assert settings.report.near_mm == 0.9
    assert settings.input.max_slice_mm == 1.5


def test_the_settings_of_a_report_are_read_back(tmp_path):
    given = load_settings(None, ["report.near_mm=0.7"])
    plain = TypeAdapter(Settings).dump_python(given, mode="json")
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"software": {"settings": plain}, "sides": {}}))
    assert load_settings(path) == given


def test_every_setting_can_be_given_its_own_default():
    values = {name: value for name, _, value in walk_settings(Settings())}
    assert replace_settings(values) == Settings()


def test_a_setting_of_a_group_is_named_by_all_of_its_names(tmp_path):
    given = load_settings(None, ["measure.deformity.told_ratio=5"])
    assert given.measure.deformity.told_ratio == 5.0
    path = tmp_path / "s.toml"
    path.write_text("[measure.deformity]\ntold_ratio = 5\n")
    assert load_settings(path) == given
    path.write_text("[measure]\ndeformity.told_ratio = 5\n")
    assert load_settings(path) == given
    for wrong, message in (
        ("measure.deformity.told=5", "did you mean measure.deformity.told_ratio"),
        ("measure.deformity=5", "there is no setting 'measure.deformity'"),
        ("measure.deformity.told_ratio=0.5", "expected 1 to 1000 times"),
        ("atlas.bundle.wall_mm=[3, 50]", "atlas.bundle.wall_mm is 50"),
        ('measure.deformity.told_ratio="many"', "measure.deformity.told_ratio: "),
    ):
        with pytest.raises(SettingsError, match=re.escape(message)):
            load_settings(None, [wrong])


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("mesure.search_distance_mm=3", "did you mean measure.search_distance_mm"),
        ("search_distance_mm=3", "did you mean measure.search_distance_mm"),
        ("qqqqq=3", "they begin with align"),
        ("report.near_mm=9", "expected 0.2 to 3 mm"),
        ("report.near_mm=-1", "expected 0.2 to 3 mm"),
        ("report.near_mm=NaN", "expected 0.2 to 3 mm"),
        ("report.near_mm=1e999", "expected 0.2 to 3 mm"),
        ("report.near_mm=wide", "valid number"),
        ("report.near_mm=true", "valid number"),
        ("report.near_mm=[1]", "valid number"),
        ("report.near_mm", "expected name=value"),
        ("report.near_mm=", "expected name=value"),
        ("input.min_slices=8.5", "valid integer"),
        ("report=3", "no setting 'report'"),
    ],
)
def test_mistakes_are_told_in_one_line(word, message):
    with pytest.raises(SettingsError) as caught:
        load_settings(None, [word])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("s.json", b"{", InputError),
        ("s.json", b"[]", InputError),
        ("s.json", b'{"report": {"near_mm": 1, "near_mm": 2}}', InputError),
        ("s.json", b"[" * 100_000, InputError),
        ("s.toml", b"= 3", InputError),
        ("s.json", b"\xff\xfe\x00", InputError),
        ("s.json", b"", InputError),
        ("s.json", b'{"report": {"neer_mm": 1}}', SettingsError),
        ("s.toml", b"report.near_mm = 2020-01-01", SettingsError),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path, name, content, error):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        load_settings(path)
    assert "\n" not in str(caught.value)


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_settings(tmp_path / "absent.json")


def test_settings_of_an_older_report_are_taken_without_those_that_nothing_read():
    old = {"nerve.radius_min_mm": 0.3, "nerve.radius_max_mm": 1.6}
    assert replace_settings(old | {"report.near_mm": 0.8}) == replace_settings(
        {"report.near_mm": 0.8}
    )


def test_a_setting_that_stood_twice_is_taken_where_it_says_nothing_new():
    assert replace_settings({"nerve.canal_length_mm": 9.8}) == Settings()
    both = {"nerve.canal_length_mm": 11.0, "regions.canal_length_mm": 11.0}
    assert replace_settings(both).regions.canal_length_mm == 11.0
    for old in (
        {"nerve.canal_length_mm": 11.0},
        {"nerve.canal_length_mm": 9.8, "regions.canal_length_mm": 12.0},
    ):
        with pytest.raises(SettingsError, match=r"is regions\.canal_length_mm now"):
            replace_settings(old)


def test_no_retired_setting_is_one_still():
    names = {name for name, _, _ in walk_settings(Settings())}
    assert not names & (UNREAD | set(MOVED))
    assert {new for new, _ in MOVED.values()} <= names
