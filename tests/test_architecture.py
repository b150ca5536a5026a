"""The rules of docs/design.md that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = (ROOT / "nvc", ROOT / "plugins" / "napari_nvc")
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60


def module_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines, those of its docstring left out."""
    total = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return total
    explanation = function.body[0]
    return total - ((explanation.end_lineno or 0) - explanation.lineno + 1)


def contracts() -> dict[str, dict]:
    return {c["name"]: c for c in PROJECT["tool"]["importlinter"]["contracts"]}


def test_the_import_contracts_exist():
    found = contracts()
    assert set(found) == {
        "Dependencies point one way",
        "The core knows no Qt and no napari",
        "Stages know no files",
        "The pipeline reads the template and no other file",
        "The review model knows no Qt",
        "Inside tubes",
        "Inside regions",
        "Inside segment",
        "Inside measurement",
        "Remarks stand apart from the gap",
        "Inside io",
        "Inside the plugin",
    }
    forbidden = found["The core knows no Qt and no napari"]
    assert forbidden["source_modules"] == ["nvc"]
    assert {"napari", "qtpy", "PyQt6", "PySide6"} <= set(forbidden["forbidden_modules"])
    layers = found["Dependencies point one way"]["layers"]
    assert layers[0] == "napari_nvc"
    assert layers.index("nvc.cli") < layers.index("nvc.settings")


def place_of(module: str) -> Path:
    """Return the folder of a package, or where its module would be without a suffix."""
    first, *rest = module.split(".")
    return {package.name: package for package in PACKAGES}[first].joinpath(*rest)


def exists(module: str) -> bool:
    place = place_of(module)
    return place.is_dir() or place.with_suffix(".py").is_file()


def rooms_of(contract: dict) -> list[str]:
    """Return the layers of a contract as names inside each of its containers."""
    names = [n.strip() for layer in contract["layers"] for n in layer.split("|")]
    inside = contract.get("containers", [])
    return [f"{c}.{name}" for c in inside for name in names] if inside else names


LAYERED = [c for c in contracts().values() if c["type"] == "layers"]


@pytest.mark.parametrize("contract", LAYERED, ids=lambda c: c["name"])
def test_the_contracts_speak_of_modules_that_exist(contract):
    missing = [name for name in rooms_of(contract) if not exists(name)]
    assert not missing


PACKAGES_OF_ROOMS = ("tubes", "regions", "segment", "measurement", "io")


@pytest.mark.parametrize("package", PACKAGES_OF_ROOMS)
def test_every_room_of_a_package_is_in_its_contract(package):
    folder = ROOT / "nvc" / package
    rooms = {p.stem for p in folder.glob("*.py")} | {
        p.parent.name for p in folder.glob("*/__init__.py")
    }
    named = {
        name.rpartition(".")[2]
        for contract in contracts().values()
        for name in (rooms_of(contract) if contract["type"] == "layers" else [])
        if name.startswith(f"nvc.{package}.")
    }
    apart = set(contracts()["Remarks stand apart from the gap"]["modules"])
    named |= {name.rpartition(".")[2] for name in apart if f".{package}." in name}
    assert rooms - {"__init__"} == named


FOLDERS = sorted({path.parent for path in MODULES})
MAX_MODULES = 14


@pytest.mark.parametrize("folder", FOLDERS, ids=module_id)
def test_a_folder_is_taken_in_at_one_look(folder):
    modules = [p for p in folder.glob("*.py") if p.name != "__init__.py"]
    assert len(modules) <= MAX_MODULES


def test_the_import_contracts_hold(monkeypatch):
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    monkeypatch.chdir(ROOT)
    assert lint_imports(cache_dir=None) == EXIT_STATUS_SUCCESS


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_nvc_does_nothing_else():
    run_python(
        "import os, sys, threading\n"
        "environment = dict(os.environ)\n"
        "import nvc\n"
        "assert dict(os.environ) == environment\n"
        "assert threading.active_count() == 1\n"
        "heavy = {'numpy', 'scipy', 'nibabel', 'SimpleITK', 'rich', 'typer'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )


@pytest.mark.slow
def test_every_core_module_works_without_qt_and_napari():
    run_python(
        "import importlib, pkgutil, sys\n"
        "class Blocked:\n"
        "    names = {'napari', 'qtpy', 'PyQt6', 'PySide6', 'magicgui', 'vispy'}\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in self.names:\n"
        "            raise ImportError(f'{name} is not for the core')\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "import nvc\n"
        "for module in pkgutil.walk_packages(nvc.__path__, 'nvc.'):\n"
        "    importlib.import_module(module.name)\n"
    )


def test_asking_for_help_loads_nothing_heavy():
    run_python(
        "import sys\n"
        "from nvc.cli import main\n"
        "assert main(['--help']) == 0\n"
        "heavy = {'scipy', 'SimpleITK', 'numba', 'matplotlib', 'skimage', 'nilearn'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_modules_and_functions_stay_small(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_MODULE_LINES
    for function in functions(path):
        size = lines_of_code(function)
        assert size <= MAX_FUNCTION_LINES, f"{function.name}: {size} lines"


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_everything_public_is_explained(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has no docstring"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    holders = [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]
    for holder in holders:
        if isinstance(holder, ast.ClassDef) and holder.name.startswith("_"):
            continue
        for node in holder.body:
            if isinstance(node, kinds) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_no_function_swallows_unnamed_options(path):
    taking = [f.name for f in functions(path) if f.args.kwarg is not None]
    assert not taking


def public_classes(path: Path) -> set[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    named = {node.name for node in body if isinstance(node, ast.ClassDef)}
    return {name for name in named if not name.startswith("_")}


def test_a_class_name_means_one_thing():
    homes: dict[str, list[str]] = {}
    for path in MODULES:
        for name in public_classes(path):
            homes.setdefault(name, []).append(module_id(path))
    shared = {name: places for name, places in homes.items() if len(places) > 1}
    assert not shared


INTERPOLATORS = {
    "map_coordinates",
    "affine_transform",
    "zoom",
    "RegularGridInterpolator",
    "spline_filter",
}
HOME_OF_INTERPOLATION = ROOT / "nvc" / "sampling.py"
PHANTOM = ROOT / "nvc" / "phantom"
"""Makes the heads that the stages are tested on, so it shares no code with them."""
SCIPY = {"scipy", "scipy.ndimage", "scipy.interpolate", "ndimage", "interpolate"}


def interpolators_in(path: Path) -> list[str]:
    """Return the interpolators that a module imports or takes out of scipy."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in SCIPY:
            found += [a.name for a in node.names if a.name in INTERPOLATORS]
        elif isinstance(node, ast.Attribute) and node.attr in INTERPOLATORS:
            # A camera zooms too.
            is_camera = node.attr == "zoom" and ast.unparse(node.value) not in SCIPY
            found += [] if is_camera else [node.attr]
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_id)
def test_interpolation_has_one_home(path):
    if path == HOME_OF_INTERPOLATION:
        assert interpolators_in(path)
    elif PHANTOM not in path.parents:
        assert not interpolators_in(path)


def tracked_text_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.split("\0") if name]
    kinds = {".py", ".md", ".toml", ".yml", ".yaml", ".sh", ".cff", ".j2", ".html"}
    bare = {"Makefile", "run"}
    paths = (ROOT / name for name in names)
    return [p for p in paths if p.is_file() and (p.suffix in kinds or p.name in bare)]


def test_nothing_is_left_undone_and_no_machine_is_named():
    # Pieced together, so that this file does not find itself.
    undone = "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "Not" + "Implemented"])
    machine = "|".join(f"/{folder}/" for folder in ("root", "home", "Users", "work"))
    pattern = re.compile(rf"\b(?:{undone})|(?<![\w.])(?:{machine})")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked_text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if path != Path(__file__) and pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_the_plugin_keeps_its_name_and_calls_no_private_napari():
    manifest = (ROOT / "plugins" / "napari_nvc" / "napari.yaml").read_text()
    assert f"name: {PROJECT['project']['name']}\n" in manifest
    for path in (ROOT / "plugins" / "napari_nvc").rglob("*.py"):
        assert not re.search(r"napari\._", path.read_text(encoding="utf-8")), path


FILE_CALLS = {
    "open", "write_text", "write_bytes", "read_text", "read_bytes", "mkdir", "unlink",
    "rmtree", "mkdtemp", "makedirs", "rename", "TemporaryDirectory",
    "NamedTemporaryFile",
}  # fmt: skip
"""What reads, writes, makes or removes a file or folder."""


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if not p.is_relative_to(ROOT / "nvc" / "io")],
    ids=module_id,
)
def test_only_io_touches_files(path):
    calls = [
        node.func
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    names = {f.attr for f in calls if isinstance(f, ast.Attribute)}
    names |= {f.id for f in calls if isinstance(f, ast.Name)}
    assert not names & FILE_CALLS
