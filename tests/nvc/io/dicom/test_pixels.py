"""Compressed pixels: decoded by a program of its own, whose end is not ours."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import JPEGLSLossless

from nvc.errors import InputError
from nvc.io.dicom import decoding
from nvc.io.dicom.copies import drop_copies
from nvc.io.dicom.folder import scan_folder
from nvc.io.dicom.volume import read_stack
from nvc.settings.input import InputSettings
from tests.nvc.io.made_files import noise, oblique, write_dicom

LIMITS = InputSettings()
ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    """Where temporary files go: nothing may stay there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def packed(tmp_path) -> Path:
    """A series in JPEG-LS."""
    folder = tmp_path / "mr"
    write_dicom(folder, noise(), oblique())
    compress(folder)
    return folder


def compress(folder: Path) -> None:
    for path in folder.iterdir():
        dataset = pydicom.dcmread(path)
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        dataset.save_as(path)


def read(folder: Path):
    (stack,) = scan_folder(folder, where="given", settings=LIMITS).stacks
    return read_stack(stack, where="given", settings=LIMITS)


def instead(code: str) -> str:
    """A program like the decoder's, of which one function is another."""
    return decoding._PROGRAM.replace(
        "from nvc.io.dicom.decoder import main; main()",
        f"import os, time, ctypes; from nvc.io.dicom import decoder\n{code}\n"
        "decoder.main()",
    )


def in_place_of_decode(body: str) -> str:
    return instead(f"def decode(content):\n    {body}\ndecoder.decode = decode")


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(folder)
    (problem,) = caught.value.problems
    assert problem.code == "pixels"
    assert problem.where == "given"
    return problem.reason


def test_one_decoder_serves_a_series_and_leaves_nothing(packed, temporary, monkeypatch):
    started = []
    start = subprocess.Popen

    def count(*args, **options):
        started.append(start(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", count)
    np.testing.assert_array_equal(read(packed).volume.voxels, noise())
    (decoder,) = started
    assert decoder.returncode is not None
    assert not list(temporary.iterdir())


def test_plain_pixels_need_no_decoder(tmp_path, monkeypatch):
    write_dicom(tmp_path / "mr", noise(), oblique())
    for path in (tmp_path / "mr").iterdir():  # which pydicom says in a warning
        dataset = pydicom.dcmread(path)
        dataset.PixelData += bytes(2)
        dataset.save_as(path)
    monkeypatch.setattr(decoding, "_PROGRAM", "raise SystemExit")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(read(tmp_path / "mr").volume.voxels, noise())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("os.kill(os.getpid(), 11)", "file 1 of 14 bring their decoder down"),
        ("ctypes.string_at(0)", "bring their decoder down"),
        ("os._exit(0)", "bring their decoder down"),
        ("return bytearray(2**40)", "need more memory"),
        ("raise ValueError('Doe')", "are cut short or in a compression"),
        ("return decoder.np.zeros((3, 3))", "are cut short or in a compression"),
        ("return decoder.np.zeros((2, 2, 2, 2))", "are cut short"),
        ("return decoder.np.array([[None]])", "are cut short"),
        ("return decoder.np.zeros((99, 99, 99))", "are cut short"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_whatever_a_decoder_does_is_one_line(
    packed, body, says, monkeypatch, temporary
):
    monkeypatch.setattr(decoding, "_PROGRAM", in_place_of_decode(body))
    assert says in refused(packed)
    assert not list(temporary.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="no limit to address space")
def test_memory_is_limited_by_the_system(packed, monkeypatch):
    """Not by trust: what asks for a little at a time is ended too."""
    eats = in_place_of_decode("return [bytearray(2**26) for _ in range(10**6)]")
    monkeypatch.setattr(decoding, "_PROGRAM", eats)
    assert "need more memory" in refused(packed)


@pytest.mark.parametrize("body", ["time.sleep(999)", "while True: pass"])
def test_a_decoder_that_hangs_is_ended(packed, body, monkeypatch, temporary):
    monkeypatch.setattr(decoding, "_MOST_SECONDS", 1)
    # The program is ready before its time is counted: a slow start is no fault here.
    monkeypatch.setattr(decoding.Decoder, "wait_until_ready", _wait_longer)
    monkeypatch.setattr(decoding, "_PROGRAM", in_place_of_decode(body))
    assert "take more than 1 s to decode" in refused(packed)
    assert not list(temporary.iterdir())


def _wait_longer(decoder: decoding.Decoder) -> None:
    assert decoder._take(4) == b"nvc1"


def test_what_a_library_prints_is_no_answer(packed, monkeypatch, capfd):
    noisy = instead(
        "own = decoder.decode\n"
        "def decode(content):\n"
        "    os.write(1, b'Doe'); os.write(2, b'Doe'); print('Doe')\n"
        "    return own(content)\n"
        "decoder.decode = decode"
    )
    monkeypatch.setattr(decoding, "_PROGRAM", noisy)
    np.testing.assert_array_equal(read(packed).volume.voxels, noise())
    assert "Doe" not in "".join(capfd.readouterr())


def test_where_the_system_knows_no_limits_it_is_a_process_still(packed, monkeypatch):
    without = instead("sys.modules['resource'] = None")
    monkeypatch.setattr(decoding, "_PROGRAM", without)
    np.testing.assert_array_equal(read(packed).volume.voxels, noise())


@pytest.mark.parametrize("program", ["raise SystemExit", "print('hello')"])
def test_a_decoder_that_does_not_start_is_not_the_files_fault(
    packed, program, monkeypatch, temporary
):
    monkeypatch.setattr(decoding, "_PROGRAM", program)
    assert "does not start" in refused(packed)
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    assert "does not start" in refused(packed)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert "does not start" in refused(packed)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "does not start" in refused(packed)


def test_copies_are_compared_after_one_that_brings_the_decoder_down(
    tmp_path, monkeypatch
):
    """The next decoder is started; the one that was lost compares nothing."""
    folder = tmp_path / "mr"
    for name in ("a", "b"):
        write_dicom(
            folder / name, noise(), oblique(), SeriesInstanceUID="1.2",
            SOPInstanceUID=lambda k, name=name: f"1.3.{ord(name)}.{k}",
            FrameOfReferenceUID="1.4", ImageComments=name,
        )  # fmt: skip
        compress(folder / name)
    (stack,) = scan_folder(folder, where="given", settings=LIMITS).stacks
    single, notes = drop_copies(stack, "given")
    assert len(single) == 14
    assert "14 files" in notes[0]
    monkeypatch.setattr(
        decoding, "_PROGRAM", in_place_of_decode("os.kill(os.getpid(), 9)")
    )
    kept, notes = drop_copies(stack, "given")
    assert (len(kept), notes) == (28, ())


SCRIPT = """
import nvc.io.dicom.folder, nvc.io.dicom.volume, nvc.settings.input, sys
limits = nvc.settings.input.InputSettings()
print("began")
(stack,) = nvc.io.dicom.folder.scan_folder(
    nvc.io.dicom.volume.Path(sys.argv[1]), where="given", settings=limits).stacks
found = nvc.io.dicom.volume.read_stack(stack, where="given", settings=limits)
print(found.volume.voxels.sum())
"""


def test_a_script_without_a_guard_is_not_run_again(packed, tmp_path):
    """Nor is a module of the current folder taken for one of ours."""
    (tmp_path / "script.py").write_text(SCRIPT)
    (packed.parent / "numpy.py").write_text("raise SystemExit('of the current folder')")
    script = tmp_path / "scripts"
    script.mkdir()
    (tmp_path / "script.py").rename(script / "script.py")
    done = subprocess.run(
        [sys.executable, script / "script.py", packed],
        *(), capture_output=True, text=True, cwd=packed.parent, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.split() == ["began", str(float(noise().sum()))], done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_decoder_ends_with_who_started_it(packed, tmp_path):
    """Its input ends then, however its parent ended."""
    program = (
        "import sys; from nvc.io.dicom.decoding import start_decoder\n"
        "with start_decoder() as decoder:\n"
        "    print(decoder._process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        handle = os.pidfd_open(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    import select

    assert select.select([handle], [], [], 60)[0]
    os.close(handle)


def test_no_words_of_a_file_reach_the_line(packed, monkeypatch):
    monkeypatch.setattr(
        decoding, "_PROGRAM", in_place_of_decode("raise ValueError('Doe^Jane')")
    )
    assert not re.search("Doe|Jane|patient|IM", refused(packed))
