"""Files of settings, and settings in words."""

from __future__ import annotations

from pathlib import Path

from nvc.io.records.settings import load_settings
from nvc.settings import Settings
from nvc.settings.retired import MOVED, UNREAD
from tests.nvc.hostile.points import text
from tests.nvc.hostile.recipe import Holds, Recipe, Refused, Table
from tests.nvc.hostile.world import written

SAID = Refused("")
OLD, (NEW, DEFAULT) = next(iter(MOVED.items()))


def read(given: Path | list[str]) -> Settings:
    if isinstance(given, Path):
        return load_settings(given)
    return load_settings(None, given[1::2])


def said(*words: str):
    """What is given in words rather than in a file."""
    return lambda _: [part for word in words for part in ("--set", word)]


def near(value, words: str) -> Recipe:
    return Recipe(words, text({"report": {"near_mm": value}}, "s.json"), SAID)


def toml(content: str):
    return text(content, "s.toml")


def is_default(found: Settings) -> bool:
    return found == Settings()


def is_nearer(found: Settings) -> bool:
    return found.report.near_mm == 0.8


FILES: Table = {
    "JSON": Recipe("a file", text({"report": {"near_mm": 0.8}}), Holds(is_nearer)),
    "TOML": Recipe("a file", toml("[report]\nnear_mm = 0.8\n"), Holds(is_nearer)),
    "TOML, one line": Recipe("a file", toml("report.near_mm = 0.8"), Holds(is_nearer)),
    "dotted and nested, the same": Recipe(
        "one setting in two spellings",
        text({"report.near_mm": 0.8, "report": {"near_mm": 0.8}}),
        Holds(is_nearer),
    ),
    "dotted and nested, two values": Recipe(
        "which is meant?",
        text({"report.near_mm": 0.8, "report": {"near_mm": 0.9}}),
        Refused("", "setting report.near_mm is said twice in one file, as 0.8 and as"),
    ),
    "nested and dotted, two values": Recipe(
        "which is meant?",
        text(
            {"measure": {"deformity.told_ratio": 90, "deformity": {"told_ratio": 80}}}
        ),
        Refused("", "setting measure.deformity.told_ratio is said"),
    ),
    "TOML, quoted and nested": Recipe(
        "which is meant?",
        toml('"report.near_mm" = 1\n[report]\nnear_mm = 1.5\n'),
        Refused("", "setting report.near_mm is said twice"),
    ),
    "number and truth": Recipe(
        "one is true in Python",
        text({"input.min_slices": True, "input": {"min_slices": 1}}),
        Refused("", "said twice"),
    ),
    "upper case": Recipe(
        "an ending", text("report.near_mm = 0.8", "S.TOML"), Holds(is_nearer)
    ),
    "nothing said": Recipe("an empty table", text({}), Holds(is_default)),
    "retired": Recipe(
        "of an older report", text(dict.fromkeys(UNREAD, 5)), Holds(is_default)
    ),
    "moved, the same": Recipe(
        "said where it once was", text({OLD: DEFAULT}), Holds(is_default)
    ),
    "moved, another": Recipe(
        "two numbers for one fact",
        text({OLD: DEFAULT + 1}),
        Refused("", "set that one alone"),
    ),
    "unknown": Recipe(
        "a typing error",
        text({"report": {"neer_mm": 1}}),
        Refused("", "report.near_mm"),
    ),
    "unknown stage": Recipe(
        "none of ours", text({"qqqqq": 1}), Refused("", "begin with")
    ),
    "a word": near("wide", "no number"),
    "a number in words": near("0.8", "strict"),
    "truth": near(True, "no number"),
    "null": near(None, "no number"),
    "a list": near([0.8], "one number was expected"),
    "too large": near(99, "beyond its bounds"),
    "an endless integer": near(10**400, "JSON allows it"),
    "NaN": near(float("nan"), "no number"),
    "a stage as a number": Recipe("no table", text({"report": 3}), SAID),
    "a number as a table": near({"mm": 1}, "one number was expected"),
    "half a slice": Recipe(
        "a whole number was expected", text({"input": {"min_slices": 8.5}}), SAID
    ),
    "twice": Recipe(
        "which is meant?", text('{"report": {}, "report": {}}'), Refused("not-json")
    ),
    "broken JSON": Recipe("cut", text('{"report"'), Refused("not-json")),
    "broken TOML": Recipe("no value", toml("report ="), Refused("not-toml")),
    "TOML, an endless integer": Recipe(
        "longer than Python reads", toml(f"a = {'9' * 5000}"), Refused("not-toml")
    ),
    "TOML, a date": Recipe("no number", toml("report.near_mm = 2020-01-01"), SAID),
    "TOML, a stage twice": Recipe(
        "which is meant?", toml("[report]\n[report]\n"), Refused("not-toml")
    ),
    "binary": Recipe("no text", written(b"\xff\xfe\0", "s.json"), Refused("not-text")),
    "tables without end": Recipe(
        "a trap", text('{"a":' * 400 + "1" + "}" * 400), Refused("", "too deep")
    ),
    "a report without settings": Recipe(
        "of another program",
        text({"sides": {}, "software": {"settings": [1]}}),
        Refused("no-settings"),
    ),
    "a report": Recipe(
        "its settings are taken",
        text({"sides": {}, "software": {"settings": {"report": {"near_mm": 0.8}}}}),
        Holds(is_nearer),
    ),
    "missing": Recipe(
        "no file", lambda folder: folder / "s.json", Refused("not-found")
    ),
}

WORDS: Table = {
    "said": Recipe("in words", said("report.near_mm=0.8"), Holds(is_nearer)),
    "said twice": Recipe(
        "the last counts",
        said("report.near_mm=1.2", "report.near_mm=0.8"),
        Holds(is_nearer),
    ),
    "no value": Recipe("cut", said("report.near_mm"), Refused("", "name=value")),
    "no name": Recipe("cut", said("=3"), Refused("", "name=value")),
    "an endless number": Recipe(
        "longer than Python reads", said(f"report.near_mm={'9' * 5000}"), SAID
    ),
    "a trap": Recipe("nested without end", said("report.near_mm=" + "[" * 9999), SAID),
    "a terminal's words": Recipe(
        "it would paint the terminal", said("report.\x1b[31m=3"), SAID
    ),
}

TABLE: Table = {**FILES, **WORDS}
