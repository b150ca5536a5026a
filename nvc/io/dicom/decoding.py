"""The other end of the decoder: starts it, asks it, trusts no answer, ends it."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING

import numpy as np

from nvc.io.dicom.decoder import ANSWER, OUT_OF_MEMORY, READY, REFUSED, REQUEST, TYPES
from nvc.io.doors.folder import make_temporary_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUT = "are cut short or in a compression that is not read"
_NOT_STARTED = "are compressed, and the program that decodes them does not start"
_MOST_SECONDS = 120
"""For one file: a decoder does 10 MB/s or more, so whatever is read takes less."""
_MOST_MEMORY, _COPIES = 2**29, 4
"""What a decoder may take of memory: so much, and so often the largest picture."""
_PROGRAM = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from nvc.io.dicom.decoder import main; main()"
)
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1",
}
"""Every thread would take address space, which is limited."""


class UndecodableError(Exception):
    """Pixels that cannot be had; its words go on from "the pixels of file 3 of 9"."""


class Decoder:
    """A decoder that was started.

    Parameters
    ----------
    process : Popen
        With pipes to its input and from its output.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._is_late = False
        self.is_usable = False
        """Whether it waits for the next file; one that failed may be of any state."""

    def wait_until_ready(self) -> None:
        """Wait until it has loaded what it needs.

        Raises
        ------
        UndecodableError
            If it never does: no file is to blame.
        """
        with self._deadline():
            if self._take(len(READY)) != READY:
                raise UndecodableError(_NOT_STARTED)
        self.is_usable = True

    def decode(self, content: bytes, most_bytes: int) -> NDArray[np.generic]:
        """Return the stored numbers of a file whose pixels are compressed.

        Parameters
        ----------
        content : bytes
            The whole file.
        most_bytes : int
            What its pixels may have.

        Returns
        -------
        ndarray, shape (rows, columns) or (frames, rows, columns)

        Raises
        ------
        UndecodableError
            If it cannot be decoded, or takes the decoder down.
        """
        self.is_usable = False
        memory = _MOST_MEMORY + _COPIES * (most_bytes + len(content))
        with self._deadline():
            with suppress(OSError):  # it has ended: then there is no answer
                asked = REQUEST.pack(len(content), memory, _MOST_SECONDS)
                _open(self._process.stdin).write(asked + content)
                _open(self._process.stdin).flush()
            kind, axes, *sizes = ANSWER.unpack(self._need(ANSWER.size))
            if kind == OUT_OF_MEMORY:
                raise UndecodableError("need more memory to decode than a picture has")
            if kind == REFUSED:
                self.is_usable = True
                raise UndecodableError(CUT)
            shape = tuple(sizes[:axes])
            if kind not in TYPES or math.prod(shape) > most_bytes:
                raise UndecodableError(CUT)
            dtype = np.dtype(kind.decode())
            raw = self._need(math.prod(shape) * dtype.itemsize)
        self.is_usable = True
        return np.frombuffer(raw, dtype=dtype).reshape(shape)

    def _need(self, count: int) -> bytes:
        """Return so many bytes of an answer; say why it ended if they do not come."""
        found = self._take(count)
        if len(found) < count:
            code = self._process.wait()
            if self._is_late or code == -getattr(signal, "SIGXCPU", 0):
                raise UndecodableError(f"take more than {_MOST_SECONDS} s to decode")
            raise UndecodableError("bring their decoder down")
        return found

    def _take(self, count: int) -> bytes:
        return _open(self._process.stdout).read(count)

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """End the decoder when the time is up; waiting for it then ends as well."""

        def end() -> None:
            self._is_late = True
            self._process.kill()

        timer = Timer(_MOST_SECONDS, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


@contextmanager
def start_decoder() -> Iterator[Decoder]:
    """Start a decoder in an empty folder; both are gone after the block.

    It is a fresh Python rather than a copy of this process, which may be a viewer with
    threads. It does not run the user's script anew, and looks for modules where this
    process does, but not in the current folder.

    Raises
    ------
    UndecodableError
        If it cannot be started.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        raise UndecodableError(_NOT_STARTED)
    package = str(Path(__file__).parents[3])
    places = [package, *(os.path.abspath(place) for place in sys.path if place)]
    with ExitStack() as opened:
        try:
            folder = opened.enter_context(make_temporary_folder("nvc-pixels-"))
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, json.dumps(places)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=os.environ | _ONE_THREAD,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise UndecodableError(_NOT_STARTED) from error
        opened.callback(_end, process)
        decoder = Decoder(process)
        decoder.wait_until_ready()
        yield decoder


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    _open(process.stdout).close()
    with suppress(OSError):  # what was not sent has nowhere to go
        _open(process.stdin).close()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise TypeError("a decoder is started with pipes")
    return pipe
