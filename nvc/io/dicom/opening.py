"""DICOM files opened by pydicom, without two of its habits.

It prints what a header says, and inflates a deflated file however large that gets.
"""

from __future__ import annotations

import io
import logging
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import pydicom
from pydicom.filereader import _read_file_meta_info, read_preamble
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_PIXELS = b"\xe0\x7f\x10\0"
"""The tag of Pixel Data: a header ends before it."""
_STEP = 2**20
_DEFLATED = DeflatedExplicitVRLittleEndian.encode()
_PLAIN = ExplicitVRLittleEndian.encode().ljust(len(_DEFLATED), b"\0")


class TooLargeError(Exception):
    """A deflated file that inflates to more than is read."""


@contextmanager
def silence_pydicom() -> Iterator[None]:
    """Keep pydicom from printing header values, which may name a patient."""
    logger = logging.getLogger("pydicom")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before


def read_header(file: BinaryIO, tags: list[str], most_bytes: int) -> FileDataset:
    """Read the elements of some tags, up to Pixel Data.

    Parameters
    ----------
    file : binary file
        At its beginning.
    tags : list of str
        By their keywords.
    most_bytes : int
        What a deflated header may have.

    Raises
    ------
    TooLargeError
        If it is deflated and has more.
    Exception
        Of whatever kind pydicom raises.
    """
    with silence_pydicom():
        meta_length = _meta_length(file)
        if meta_length is not None:
            plain, is_whole = _plain(file, meta_length, most_bytes)
            if not is_whole and _PIXELS not in plain.getvalue():
                raise TooLargeError
            file = plain
        return pydicom.dcmread(
            file, stop_before_pixels=True, specific_tags=list(tags), force=True
        )


def read_whole(content: bytes, most_bytes: int) -> FileDataset:
    """Read all elements of a file; parameters and errors as `read_header`."""
    with silence_pydicom():
        file = io.BytesIO(content)
        meta_length = _meta_length(file)
        if meta_length is not None:
            file, is_whole = _plain(file, meta_length, most_bytes)
            if not is_whole:
                raise TooLargeError
        return pydicom.dcmread(file, force=True)


def _meta_length(file: BinaryIO) -> int | None:
    """Return where a deflated data set begins; None where it is not deflated.

    Read with what pydicom itself reads it with: it must not come to another result, and
    inflate a file that this one takes for plain. The file stays at its beginning.
    """
    read_preamble(file, force=True)
    meta = _read_file_meta_info(file)
    length = file.tell()
    file.seek(0)
    is_deflated = meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
    return length if is_deflated else None


def _plain(
    file: BinaryIO, meta_length: int, most_bytes: int
) -> tuple[io.BytesIO, bool]:
    """Return a file as if it had never been deflated, and whether that is all of it.

    The meta information names a plain syntax then, so pydicom inflates nothing.
    """
    plain = io.BytesIO()
    plain.write(file.read(meta_length).replace(_DEFLATED, _PLAIN))
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    is_within = True
    while is_within and (packed := inflate.unconsumed_tail or file.read(_STEP)):
        plain.write(inflate.decompress(packed, _STEP))
        is_within = plain.tell() - meta_length <= most_bytes
    if is_within and not inflate.eof:
        raise EOFError("deflated content ends early")
    plain.seek(0)
    return plain, is_within
