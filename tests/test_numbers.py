"""Every number has one home: see the first lines of `nvc.numerics`.

A number that decides something and stands in the code can be changed by nobody, is in
no report, and is soon there twice. So a module of the stages may name a number, or
compare with one, only where it is of a kind that decides nothing.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from nvc.settings import Settings, anatomy, walk_settings

ROOT = Path(__file__).parents[1]
HOMES = ("align", "regions", "segment", "measurement", "report", "tubes", "reviews")
SINGLE = ("model", "pipeline.py", "sampling.py", "summary.py")
"""What a result follows from. Files, pages and generated heads decide nothing of it;
these last must not share their anatomy with what is tested on them."""

HELP = (
    "What anatomy is like goes to nvc/settings/anatomy.py, with its source. What "
    "decides something goes to the settings of its stage, declared by what it rests "
    "on. How something is computed stays, in a constant annotated with a kind of "
    "nvc/numerics.py, such as _ANGLES: Count[int] = 16."
)


class Offence(NamedTuple):
    """A number that should not stand where it does."""

    line: int
    what: str


KINDS = ("Count", "Step", "Tolerance", "Exact", "Domain", "Layout")
SAYS_NOTHING = ("Step", "Exact", "Layout")
"""Kinds of which a comparison makes a decision; of a Layout, what is not whole."""
LARGEST_TOLERANCE = 0.25
ORDERING = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
PLAIN = (0, 1, 2, 0.5)
"""Numbers that a comparison may hold as they are, beside roundings (1e-3 and less) and
what stands for infinity (1e6 and more)."""
SIZES = ("len", "size", "ndim", "shape", "sum", "count")
MOST_OF_A_SIZE = 5
"""A size may be compared with this: so many points make a line, a plane, a spline."""


def numbers_in(node: ast.AST) -> list[ast.Constant]:
    """Numbers in an expression, those that only index left out."""
    if isinstance(node, ast.Subscript):
        return numbers_in(node.value)
    if isinstance(node, ast.Constant):
        is_number = isinstance(node.value, int | float)
        return [node] if is_number and not isinstance(node.value, bool) else []
    return [n for child in ast.iter_child_nodes(node) for n in numbers_in(child)]


def is_plain(number: float) -> bool:
    size = abs(number)
    return size in PLAIN or size <= 1e-3 or size >= 1e6


def names_in(target: ast.AST) -> list[str]:
    names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
    return [name for name in names if name.isupper()]


def kind_of(annotation: ast.expr | None) -> str | None:
    text = "" if annotation is None else ast.unparse(annotation)
    kind = text.partition("[")[0]
    return kind if kind in KINDS else None


def named_numbers(
    tree: ast.Module,
) -> list[tuple[int, list[str], str | None, ast.expr]]:
    """Line, names, kind and value of every constant of a module that holds numbers."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in names_in(target)]
            annotation = None
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            names, annotation = names_in(node.target), node.annotation
        else:
            continue
        if names and node.value is not None and numbers_in(node.value):
            found.append((node.lineno, names, kind_of(annotation), node.value))
    return found


def kinds_in(tree: ast.Module) -> dict[str, str]:
    """Kind of every constant that holds numbers; an index is a Count."""
    found = {}
    for _, names, kind, value in named_numbers(tree):
        whole = all(isinstance(n.value, int) for n in numbers_in(value))
        counts = kind == "Layout" and whole
        found |= dict.fromkeys(names, "Count" if counts else kind or "")
    return found


def unkept_promises(name: str, kind: str, value: ast.expr) -> str | None:
    """Why a constant is not of the kind that it says, as far as can be told."""
    numbers = [n.value for n in numbers_in(value)]
    if kind == "Count" and not all(isinstance(n, int) for n in numbers):
        return f"{name} is no Count: it is not a whole number"
    if kind == "Tolerance" and max(map(abs, numbers)) > LARGEST_TOLERANCE:
        return f"{name} is no Tolerance: it is over {LARGEST_TOLERANCE:g}"
    return None


def offences_by_name(tree: ast.Module) -> list[Offence]:
    found = []
    for line, names, kind, value in named_numbers(tree):
        name = ", ".join(names)
        if kind is None:
            found.append(Offence(line, f"{name} is a number of no kind"))
        elif (broken := unkept_promises(name, kind, value)) is not None:
            found.append(Offence(line, broken))
    return found


def is_fixed(node: ast.AST, known: dict[str, str]) -> bool:
    """Whether an expression holds nothing but numbers and constants."""
    inside = [n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)]
    return all(isinstance(n, ast.Name) and n.id in known for n in inside)


def is_size(node: ast.AST) -> bool:
    text = re.split(r"\W+", ast.unparse(node))
    return any(word in SIZES for word in text)


def offences_by_comparison(
    tree: ast.Module, kinds: dict[str, str] | None = None
) -> list[Offence]:
    """Comparisons with a number, or with a constant of a kind that decides nothing.

    `kinds` tells those of other modules, which are seen by their name.
    """
    own = kinds_in(tree)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    known = {n: k for n, k in (kinds or {}).items() if n in imported} | own
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(op, ORDERING) for op in node.ops):
            continue
        sides = [node.left, *node.comparators]
        sizes = any(is_size(side) for side in sides)
        for number in (n.value for side in sides for n in numbers_in(side)):
            few = isinstance(number, int) and sizes and abs(number) <= MOST_OF_A_SIZE
            if not is_plain(number) and not few:
                found.append(Offence(node.lineno, f"is compared with {number:g}"))
        for side in sides:
            # Beside another value a number of the code only scales it.
            names = names_in(side) if is_fixed(side, known) else []
            if names and all(known[name] in SAYS_NOTHING for name in names):
                what = f"{names[0]} decides something: it is no {known[names[0]]}"
                found.append(Offence(node.lineno, what))
    return found


def offences_by_default(tree: ast.Module) -> list[Offence]:
    """Numbers that come in as the default of an argument or of a field."""
    found = []
    for node in ast.walk(tree):
        defaults: list[ast.expr | None] = []
        if isinstance(node, ast.FunctionDef):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
        elif isinstance(node, ast.ClassDef):
            fields = [n for n in node.body if isinstance(n, ast.AnnAssign)]
            defaults = [n.value for n in fields]
        for default in defaults:
            if not isinstance(default, ast.Constant | ast.UnaryOp | ast.Tuple):
                continue
            for number in numbers_in(default):
                if isinstance(number.value, float) and not is_plain(number.value):
                    what = f"{number.value:g} is a default"
                    found.append(Offence(number.lineno, what))
    return found


def offences_in(tree: ast.Module, kinds: dict[str, str] | None = None) -> list[Offence]:
    return [
        *offences_by_name(tree),
        *offences_by_comparison(tree, kinds),
        *offences_by_default(tree),
    ]


def modules_of_the_stages() -> dict[str, ast.Module]:
    paths = [p for home in (*HOMES, "model") for p in (ROOT / "nvc" / home).rglob("*")]
    paths += [ROOT / "nvc" / name for name in SINGLE]
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(paths)
        if path.suffix == ".py"
    }


MODULES = modules_of_the_stages()
DECLARED = {
    name: kind
    for tree in MODULES.values()
    for name, kind in kinds_in(tree).items()
    if kind and not name.startswith("_")
}


@pytest.mark.parametrize("module", MODULES)
def test_a_number_that_decides_or_that_anatomy_tells_has_its_home(module):
    found = offences_in(MODULES[module], DECLARED)
    lines = [f"{module}:{offence.line}: {offence.what}" for offence in found]
    assert not found, "\n".join([*lines, HELP])


# The same fact twice.

SOURCE = re.compile(
    r"doi:[^\s,;)]+|\b[A-Z][a-z]+ (?:et al\. )?(?:19|20)\d\d|morphol\w* \d+|ijr\w+-\d+"
)


class Known(NamedTuple):
    """A number and the sources that its text names."""

    name: str
    value: object
    unit: str
    sources: frozenset[str]


def known_twice(known: list[Known]) -> list[str]:
    """Pairs that take the same number, in the same unit, from the same source."""
    return [
        f"{one.name} and {other.name} are both {one.value} {one.unit}"
        for k, one in enumerate(known)
        for other in known[k + 1 :]
        if one.value == other.value
        and one.unit == other.unit
        and one.sources & other.sources
    ]


def facts() -> dict[str, anatomy.Fact]:
    own = vars(anatomy).items()
    return {name: fact for name, fact in own if isinstance(fact, anatomy.Fact)}


def test_no_fact_stands_twice():
    known = [
        Known(name, fact.mean, fact.unit, frozenset(SOURCE.findall(fact.source)))
        for name, fact in facts().items()
    ]
    taken_over = {(fact.mean, fact.source) for fact in facts().values()}
    for name, field, value in walk_settings(Settings()):
        source, unit = field.metadata["source"], field.metadata["unit"]
        if not any(value == mean and text in source for mean, text in taken_over):
            known.append(Known(name, value, unit, frozenset(SOURCE.findall(source))))
    twice = known_twice(known)
    assert not twice, "\n".join([*twice, "Let one take it from the other."])


def test_every_fact_names_its_source_and_is_used():
    read = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "nvc").rglob("*.py")
        if path.name != "anatomy.py"
    )
    for name, fact in facts().items():
        assert fact.source.strip(), name
        assert re.search(rf"\b{name}\b", read), f"nothing reads {name}"
    places = [n for n in vars(anatomy) if n.startswith("MNI_")]
    assert [n for n in places if not re.search(rf"\b{n}\b", read)] == []


# That these tests can fail.


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("LEAST_SDS = 3.0", "LEAST_SDS is a number of no kind"),
        ("_NEAR_MM = 1.5", "_NEAR_MM is a number of no kind"),
        ("_NEAR_MM: float = 1.5", "_NEAR_MM is a number of no kind"),
        ("_A_MM, _B_MM = 0.5, 2.5", "_A_MM, _B_MM is a number of no kind"),
        ("CALIBRE_MM = {'BA': 3.2}", "CALIBRE_MM is a number of no kind"),
        ("TURNS_DEG = np.arange(-36, 37, 3)", "TURNS_DEG is a number of no kind"),
        (
            "_FEWEST: Count[float] = 2.5",
            "_FEWEST is no Count: it is not a whole number",
        ),
        ("_SMALL: Tolerance[float] = 0.3", "_SMALL is no Tolerance: it is over 0.25"),
        ("_S: Step[float] = 0.3\nx = y < _S", "_S decides something: it is no Step"),
        (
            "_S: Exact[float] = 3.0\nx = y > 2 * _S",
            "_S decides something: it is no Exact",
        ),
        ("def f(x):\n    return x < 0.7", "is compared with 0.7"),
        ("def f(x):\n    return x.mean() < 0.7 * x[3]", "is compared with 0.7"),
        ("kept = [x for x in xs if 3.0 <= x]", "is compared with 3"),
        ("if len(x) < 30:\n    pass", "is compared with 30"),
        ("def f(x, near_mm=1.5):\n    pass", "1.5 is a default"),
        ("class A:\n    sd_mm: float = 0.35", "0.35 is a default"),
        ("from nvc.tubes.curve import FAR\nx = y > FAR", "FAR decides something"),
    ],
)
def test_an_offence_is_found(source, what):
    found = offences_in(ast.parse(source), {"FAR": "Layout"})
    assert any(offence.what.startswith(what) for offence in found), found


@pytest.mark.parametrize(
    "source",
    [
        "_ANGLES: Count[int] = 16\nx = np.arange(_ANGLES) * 2 * np.pi / _ANGLES",
        "_FEWEST: Count[int] = 6\nx = len(y) < _FEWEST",
        "_SETTLED: Tolerance[float] = 5e-3\nx = abs(y) < _SETTLED",
        "_STEP_MM: Step[float] = 0.25\nx = np.arange(0, 5, _STEP_MM)",
        "_DEFAULTS = Settings()\n_NAME = 'T2'",
        "x = y < settings.near_mm\nz = w <= 0.5 * radius and len(v) >= 3",
        "x = size < 1e-6 or damping > 1e6 or rows[3] < 0",
        "def f(x, rounds=3, near_mm=None):\n    pass",
    ],
)
def test_what_decides_nothing_is_let_be(source):
    assert offences_in(ast.parse(source)) == []


def test_a_fact_that_stands_twice_is_found():
    gupta, tomii = frozenset({"Gupta 2023"}), frozenset({"Tomii 2003"})
    one = Known("free", 12.4, "mm", gupta)
    assert known_twice([one, Known("way", 12.4, "mm", gupta)])
    assert not known_twice([one, Known("way", 12.0, "mm", gupta)])
    assert not known_twice([one, Known("way", 12.4, "mm", tomii)])
    assert not known_twice([one, Known("way", 12.4, "degree", gupta)])
