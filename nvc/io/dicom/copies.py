"""The same planes sent twice, and different ones that claim to be the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nvc.errors import InputError
from nvc.io.dicom.decoding import UndecodableError
from nvc.io.dicom.header import ImagePlane
from nvc.io.dicom.pixels import PixelReader


def drop_copies(
    planes: Sequence[ImagePlane], where: str
) -> tuple[list[ImagePlane], tuple[str, ...]]:
    """Drop planes that are there twice: under one instance UID, or in one place.

    A picture archive that sends a series again may change what says where a file has
    been, and even the instance UIDs. So copies are told by geometry and pixels.

    Returns
    -------
    planes : list of ImagePlane
        Each once.
    warnings : tuple of str
        How many were dropped.

    Raises
    ------
    InputError
        If two planes of one instance UID differ.
    """
    with PixelReader() as reader:
        kept: dict[tuple[str, int], ImagePlane] = {}
        for plane in planes:
            key = (plane.sop_uid or str(plane.path), plane.frame)
            first = kept.setdefault(key, plane)
            if first is not plane and not _is_copy(first, plane, reader):
                raise InputError.of(
                    "conflicting-copies",
                    where,
                    "holds two different files with one SOP Instance UID.",
                    "Export the series again.",
                )
        single = _once_a_place(list(kept.values()), reader)
    copies = len(planes) - len(single)
    return single, (f"{copies} files were in the folder twice",) if copies else ()


def _once_a_place(planes: list[ImagePlane], reader: PixelReader) -> list[ImagePlane]:
    """Drop copies that lie in one place; where one is no copy, keep all planes."""
    at: dict[tuple[float, ...], ImagePlane] = {}
    for plane in planes:
        first = at.setdefault(plane.position_lps_mm, plane)
        if first is not plane and not _is_copy(first, plane, reader):
            return planes
    return list(at.values())


def _is_copy(one: ImagePlane, other: ImagePlane, reader: PixelReader) -> bool:
    """Compare headers first, then bytes, then pixels."""
    mine = replace(one, path=other.path, sop_uid=other.sop_uid, series_uid="")
    if mine != replace(other, series_uid=""):
        return False
    contents = [plane.path.read_bytes() for plane in (one, other)]
    if contents[0] == contents[1]:
        return True
    try:
        pictures = [
            reader.read(content, plane)
            for content, plane in zip(contents, (one, other), strict=True)
        ]
    except UndecodableError:
        return False
    if one.frames_in_file > 1:
        pictures = [
            picture[plane.frame]
            for picture, plane in zip(pictures, (one, other), strict=True)
        ]
    return bool(np.array_equal(pictures[0], pictures[1]))
