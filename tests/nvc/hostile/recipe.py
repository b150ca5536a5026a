"""What a recipe is, and what is demanded of every input that one makes.

A recipe writes an input into an empty folder and returns what to say to the command;
its outcome says what must come of it. A table holds the recipes of one kind by name.
"""

from __future__ import annotations

import json
import re
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import nibabel as nib
import numpy as np

from nvc.cli import main
from nvc.notice import NOTICE
from tests.nvc.hostile.world import MARK_RAS, SHAPE, SIZES

LONGEST_LINE = 1300
"""Characters that still are one line, whatever a file is called."""
IDENTIFYING = ("Doe", "Jane", "patient-1", "19700101", "SECRET")
"""What the made headers say of a patient, and no output may repeat."""
_HELPS = re.compile(
    r"expected|did you mean|at most|alone|should be|begin with|\. [A-Z][a-z]* "
)
"""How a line says what would be right, or what to do."""


@dataclass(frozen=True)
class Refused:
    """Exit code 2 and one line: its code in brackets, and words that it must hold."""

    code: str
    says: str = ""
    where: str = ""
    """What it names, where that is not the input itself."""


@dataclass(frozen=True)
class Accepted:
    """What must be told of the one series that is used, and where its mark must lie."""

    shape: tuple[int, ...] = SHAPE
    sizes: tuple[float, ...] = SIZES
    codes: str = "RAS"
    source: str = "sform"
    role: str = "t2"
    says: str = ""
    mark: tuple[float, ...] | None = MARK_RAS


@dataclass(frozen=True)
class Holds:
    """What must be true of a file of words or labels, once it is read."""

    fact: Callable[[Any], Any]


class Recipe(NamedTuple):
    """An input: why it is here, how it is made, what must come of it."""

    reason: str
    make: Callable[[Path], Any]
    outcome: Refused | Accepted | Holds


Table = dict[str, Recipe]


def arguments(made: Path | Sequence[Any]) -> list[str]:
    """Return the words of a command; a path alone is given as the T2."""
    words = ["--t2", made] if isinstance(made, Path) else made
    return [str(word) for word in words]


def listing(folder: Path) -> list[tuple[str, int]]:
    """Return all that lies in a folder, links not followed, with its size."""
    return sorted((str(p), p.lstat().st_size) for p in folder.rglob("*"))


class Told(NamedTuple):
    """What one call of the command left."""

    code: int
    out: str
    err: str


def run(argv: Sequence[str], folder: Path, capsys, monkeypatch) -> Told:
    """Run the command in this process; nothing but its output folder may change."""
    temporary = folder.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = listing(folder)
    capsys.readouterr()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        code = main(list(argv))
    told = Told(code, *capsys.readouterr())
    noisy = [str(w.message) for w in caught if w.category is RuntimeWarning]
    assert not noisy, "a user would read these as lines of their own"
    assert listing(folder) == before, "the input was touched"
    assert not listing(temporary), "something was left behind"
    for word in IDENTIFYING:
        assert word not in told.out + told.err
    return told


def require_refusal(told: Told, refused: Refused, given: str, out: Path) -> None:
    """Demand exit code 2, one clear line that helps, and no output."""
    assert told.code == 2, told.err
    (line,) = told.err.splitlines()
    assert line.startswith("nvc: ")
    assert line.isprintable(), repr(line)
    assert len(line) <= LONGEST_LINE
    assert "Traceback" not in line
    assert "unexpected" not in line
    assert (refused.where or given) in line, line
    assert f"[{refused.code}]" in line or not refused.code, line
    assert refused.says in line, line
    assert _HELPS.search(line.replace(given, "")), f"does not say what to do: {line}"
    assert not out.exists()


def require_facts(told: Told, accepted: Accepted, out: Path) -> None:
    """Demand that exactly one series is used, as it truly is."""
    assert told.code == 0, told.err
    assert NOTICE in told.err
    assert "Traceback" not in told.err
    content = json.loads(told.out)
    (series,) = [one for one in content["series"] if one["is_used"]]
    assert tuple(series["shape"]) == accepted.shape
    np.testing.assert_allclose(series["voxel_size_mm"], accepted.sizes, rtol=1e-4)
    assert series["orientation"] == accepted.codes
    assert series["orientation_source"] == accepted.source
    assert series["role"] == accepted.role
    notes = " | ".join([*content["warnings"], *series["warnings"]])
    assert accepted.says in notes, notes
    if not accepted.says:
        assert notes == "", "a warning that nobody expected"
    assert [path.name for path in out.iterdir()] == [f"{accepted.role}.nii.gz"]
    if accepted.mark is not None:
        require_mark(out / f"{accepted.role}.nii.gz", accepted.mark)


def require_mark(path: Path, mark_ras: Sequence[float]) -> None:
    """Demand that the brightest voxel lies where it was put in the patient.

    Read by another reader, from the file that says how the input was understood: a
    mirrored, shifted or scaled volume shows here.
    """
    image = nib.load(path)
    voxels = np.asarray(image.dataobj)
    brightest = np.unravel_index(np.argmax(voxels), voxels.shape)
    found = image.affine @ [*brightest, 1.0]
    np.testing.assert_allclose(found[:3], mark_ras, atol=2e-3)
