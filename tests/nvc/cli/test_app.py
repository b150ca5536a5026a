"""What the exit codes mean, and that no fault reaches the user as a traceback."""

from __future__ import annotations

import pytest

import nvc
import nvc.io.study.load
from nvc.cli import main
from nvc.errors import (
    Cancelled,
    GeometryError,
    InputError,
    RegistrationError,
    SettingsError,
)
from nvc.notice import NOTICE


@pytest.fixture
def failing(monkeypatch):
    """Return a function that runs a command in which `error` is raised."""

    def run(error: BaseException, *options: str) -> int:
        def raise_it(**_: object) -> None:
            raise error

        monkeypatch.setattr(nvc.io.study.load, "list_series", raise_it)
        return main(["inspect", "somewhere", *options])

    return run


def one_line_on_stderr(capsys) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("nvc: ")
    return lines[0]


def test_the_version_comes_with_the_notice(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"nvc {nvc.__version__}\n{NOTICE}\n"


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in ("inspect", "measure", "sample", "fetch", "demo"):
        assert f"\n  {command} " in text


def test_no_command_shows_the_help_as_bad_input(capsys):
    assert main([]) == 2
    assert "Usage: nvc" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (["mesure"], "mesure"),
        (["inspect", "--t3", "a.nii"], "--t3"),
        (["measure", "--t2", "a.nii"], "--out"),
        (["inspect", "a.nii", "--use-sform", "--use-qform"], "--use-sform"),
    ],
    ids=["command", "option", "missing option", "options that exclude each other"],
)
def test_a_wrong_call_is_bad_input_in_one_line(argv, names, capsys):
    assert main(argv) == 2
    assert names in one_line_on_stderr(capsys)


@pytest.mark.parametrize(
    "error",
    [
        InputError.of("some-code", "scan.nii", "cannot\nbe read.", "Try another."),
        SettingsError("there is no setting 'x.y'"),
        GeometryError("affine is singular"),
        RegistrationError("the two volumes do not match"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_on_purpose_is_bad_input_in_one_line(error, failing, capsys):
    assert failing(error) == 2
    assert one_line_on_stderr(capsys) == f"nvc: {' '.join(str(error).split())}"


def test_anything_else_is_our_own_fault(failing, capsys):
    assert failing(ZeroDivisionError("division by zero")) == 1
    line = one_line_on_stderr(capsys)
    assert "ZeroDivisionError" in line
    assert "please report it" in line
    assert "--debug" in line


@pytest.mark.parametrize("error", [ValueError("odd"), InputError.of("c", "w", "r")])
def test_a_traceback_is_shown_only_on_request(error, failing, capsys):
    failing(error, "--debug")
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), Cancelled("stopped")], ids=["Ctrl-C", "cancelled"]
)
def test_interrupting_has_its_own_exit_code(error, failing, capsys):
    assert failing(error) == 130
    assert "interrupted" in one_line_on_stderr(capsys)
