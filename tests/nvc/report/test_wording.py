from nvc.model.anatomy import Flag
from nvc.report.wording import (
    BASE_RATE,
    CHECKLIST,
    FLAG_MEANING,
    FLAG_TITLE,
    SOURCES,
)


def test_every_flag_has_its_words():
    for words in (FLAG_TITLE, FLAG_MEANING, BASE_RATE):
        assert set(words) == set(Flag)
        assert all(text.strip() for text in words.values())


def test_every_base_rate_names_a_listed_source():
    names = [source.short for source in SOURCES]
    for text in BASE_RATE.values():
        assert any(name in text for name in names)


def test_every_source_can_be_looked_up():
    assert all(source.link.startswith("https://") for source in SOURCES)


def test_nothing_is_diagnosed():
    words = [*FLAG_TITLE.values(), *FLAG_MEANING.values(), *BASE_RATE.values()]
    forbidden = ("positive", "negative", "hemifacial spasm is", "diagnos", "surgery")
    assert not [w for w in words if any(f in w.lower() for f in forbidden)]


def test_checklist_holds_the_other_causes():
    text = " ".join(f"{name} {hint}" for name, hint in CHECKLIST).lower()
    for cause in ("schwannoma", "aneurysm", "demyelination", "bell", "decompression",
                  "emg"):  # fmt: skip
        assert cause in text
