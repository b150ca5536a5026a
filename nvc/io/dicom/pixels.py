"""The stored numbers of DICOM files, whatever their compression."""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import numpy as np
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from nvc.io.dicom.decoding import CUT, Decoder, UndecodableError, start_decoder
from nvc.io.dicom.opening import TooLargeError, read_whole, silence_pydicom

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray
    from pydicom.dataset import FileDataset

    from nvc.io.dicom.header import ImagePlane

_LARGEST_NUMBER = 8
"""Bytes."""
_HEADER_BYTES = 2**28
_PLAIN = {ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian}


class PixelReader:
    """Reads the pixels of files, one after another; a block ends what it started.

    Plain pixels are only looked at as numbers, here. Compressed ones are decoded by a
    program of its own, started for the first of them and kept for the next.
    """

    def __init__(self) -> None:
        self._started = ExitStack()
        self._decoder: Decoder | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def read(self, content: bytes, plane: ImagePlane) -> NDArray[np.generic]:
        """Return the stored numbers of a DICOM file, no slope applied.

        Parameters
        ----------
        content : bytes
            The whole file.
        plane : ImagePlane
            One of the planes that its header promises.

        Returns
        -------
        ndarray, shape (rows, columns) or (frames, rows, columns)
            As stored.

        Raises
        ------
        UndecodableError
            If they are not what the header promises, or a decoder fails.
        """
        shape: tuple[int, ...] = (plane.rows, plane.columns)
        if plane.frames_in_file > 1:
            shape = (plane.frames_in_file, *shape)
        try:
            stored = self._stored(content, math.prod(shape) * _LARGEST_NUMBER)
        except UndecodableError:
            if self._decoder is not None and not self._decoder.is_usable:
                self._end()
            raise
        except TooLargeError as error:
            raise UndecodableError("inflate to more than its header says") from error
        except Exception as error:
            # pydicom fails in many ways; none of them may reach the user.
            raise UndecodableError(CUT) from error
        if stored.shape != shape:
            raise UndecodableError(CUT)
        return stored

    def _stored(self, content: bytes, most_bytes: int) -> NDArray[np.generic]:
        dataset = read_whole(content, _HEADER_BYTES + most_bytes)
        _name_syntax(dataset)
        if dataset.file_meta.TransferSyntaxUID in _PLAIN:
            with silence_pydicom():
                return np.asarray(dataset.pixel_array)
        if self._decoder is None:
            self._decoder = self._started.enter_context(start_decoder())
        return self._decoder.decode(content, most_bytes)

    def _end(self) -> None:
        self._decoder = None
        self._started.close()


def _name_syntax(dataset: FileDataset) -> None:
    """Say how a file without meta information is encoded: as it was read."""
    if "TransferSyntaxUID" in dataset.file_meta:
        return
    is_implicit, is_little = dataset.original_encoding
    if not is_little:
        syntax = ExplicitVRBigEndian
    else:
        syntax = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
    dataset.file_meta.TransferSyntaxUID = syntax
