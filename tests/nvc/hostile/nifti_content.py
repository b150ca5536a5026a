"""NIfTI files as they lie on a disk: bytes, compression, names and voxels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tests.nvc.hostile.recipe import Accepted, Recipe, Refused, Table
from tests.nvc.hostile.world import (
    AFFINE,
    MARK_RAS,
    SHAPE,
    VOXELS,
    nifti,
    packed,
    place,
    written,
)

PLAIN, PACKED = nifti(), packed(nifti())
FLIPPED = PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:]


def analyze_pair(folder: Path) -> Path:
    (folder / "scan.img").write_bytes(PLAIN[352:])
    return written(nifti(magic=b"\0\0\0\0")[:348], "scan.hdr")(folder)


def named(name: str, content: bytes = PLAIN) -> Recipe:
    return Recipe(f"a file named {name!r}", written(content, name), Accepted())


def link(folder: Path) -> Path:
    path = folder / "link.nii"
    path.symlink_to(written(PLAIN)(folder))
    return path


def link_to_itself(folder: Path) -> Path:
    path = folder / "loop.nii"
    path.symlink_to(path)
    return path


def broken_link(folder: Path) -> Path:
    path = folder / "link.nii"
    path.symlink_to(folder / "gone.nii")
    return path


def pipe(folder: Path) -> Path:
    path = folder / "pipe.nii"
    os.mkfifo(path)
    return path


def numbered(number: str):
    return lambda folder: ["--t2", f"{written(PLAIN)(folder)}#{number}"]


def guessed(name: str):
    return lambda folder: [written(PLAIN, name)(folder)]


FILES: Table = {
    "empty file": Recipe("0 bytes", written(b""), Refused("empty-file")),
    "Git LFS": Recipe(
        "a data set of which the images were not fetched",
        written(b"version https://git-lfs.github.com/spec/v1\noid sha256:ab", "t2.nii"),
        Refused("not-nifti", "git lfs pull"),
    ),
    "git-annex": Recipe(
        "the same, on a file system without links",
        written(b"/annex/objects/MD5E-s12--ab.nii.gz\n", "t2.nii.gz"),
        Refused("not-nifti", "datalad get"),
    ),
    "a web page": Recipe(
        "a link that was dead",
        written(b"<!DOCTYPE html><html>404</html>", "t2.nii.gz"),
        Refused("not-nifti", "Download it again"),
    ),
    "packed twice": Recipe(
        "a browser packed it again",
        written(packed(packed(nifti())), "t2.nii.gz"),
        Refused("not-nifti"),
    ),
    "text": Recipe("a note", written(b"no image " * 99), Refused("not-nifti")),
    "wrong magic": Recipe(
        "another format", written(nifti(magic=b"abcd")), Refused("not-nifti")
    ),
    "header cut": Recipe("100 bytes", written(PLAIN[:100]), Refused("truncated")),
    "voxels cut": Recipe("60 %", written(PLAIN[:2000]), Refused("truncated")),
    "gz cut": Recipe("a broken copy", written(PACKED[:-500]), Refused("damaged")),
    "gz without its sum": Recipe(
        "the last bytes are gone", written(PACKED[:-4]), Refused("damaged")
    ),
    "gz with another sum": Recipe(
        "a flipped bit", written(FLIPPED), Refused("damaged")
    ),
    "gz of nothing": Recipe(
        "an empty file, packed", written(packed(b"")), Refused("not-nifti")
    ),
    "gz twice": Recipe("packed again", written(packed(PACKED)), Refused("not-nifti")),
    "gz in two parts": Recipe(
        "as pigz and cat write",
        written(packed(PLAIN[:999]) + packed(PLAIN[999:])),
        Accepted(),
    ),
    "gz with padding": Recipe("from a tape", written(PACKED + bytes(512)), Accepted()),
    "gz with a tail": Recipe(
        "junk behind it", written(PACKED + b"junk" * 9), Refused("damaged")
    ),
    "gz bomb": Recipe(
        "much more than its header says",
        written(packed(PLAIN + bytes(2**24))),
        Refused("trailing-bytes"),
    ),
    "a few bytes more": Recipe("padded", written(PLAIN + bytes(100)), Accepted()),
    "Analyze": Recipe(
        "no orientation at all", analyze_pair, Refused("not-nifti", ".hdr/.img")
    ),
    "NIfTI pair": Recipe(
        "a header alone", written(nifti(magic=b"ni1\0")), Refused("not-nifti")
    ),
    "plain named .gz": Recipe(
        "content counts, not names", written(PLAIN, "scan.nii.gz"), Accepted()
    ),
    "gz named .nii": Recipe(
        "content counts, not names", written(PACKED, "scan.nii"), Accepted()
    ),
    "zip": Recipe(
        "another archive", written(b"PK\3\4" + bytes(999)), Refused("not-nifti")
    ),
}

NAMES: Table = {
    "upper case": named("SCAN.NII.GZ", PACKED),
    "no ending": named("scan"),
    "spaces": named("a scan of a head .nii"),
    "letters": named("Kopf f\N{LATIN SMALL LETTER U WITH DIAERESIS}r \u8133.nii"),
    "a mark": named("scan#1.nii"),
    "a number mark": named("scan.nii#2"),
    "like an option": named("--out"),
    "bidi": Recipe(
        "a name that reads backwards",
        written(b"text", "scan\u202egpj.nii"),
        Refused("not-nifti"),
    ),
    "a terminal's words": Recipe(
        "a name that would paint the terminal",
        written(b"text", "scan\x1b[31m\x07.nii"),
        Refused("not-nifti"),
    ),
    "two lines": Recipe(
        "a name of two lines", written(b"text", "a\nb.nii"), Refused("not-nifti")
    ),
    "not UTF-8": Recipe(
        "a name from another system",
        written(b"text", os.fsdecode(b"scan\xff.nii")),
        Refused("not-nifti"),
    ),
    "first series": Recipe("as inspect counts", numbered("1"), Accepted()),
    "second series": Recipe(
        "there is one alone", numbered("2"), Refused("no-such-series")
    ),
    "series 0": Recipe("counted from 1", numbered("0"), Refused("no-such-series")),
    "an endless number": Recipe(
        "longer than Python reads", numbered("9" * 5000), Refused("not-found")
    ),
    "a name without end": Recipe(
        "longer than a disk allows",
        lambda folder: ["--t2", folder / ("a" * 300)],
        Refused("not-found"),
    ),
    "missing": Recipe(
        "no such file", lambda folder: folder / "none.nii", Refused("not-found")
    ),
    "link": Recipe("to a file", link, Accepted()),
    "link to itself": Recipe("a loop", link_to_itself, Refused("not-found")),
    "broken link": Recipe("to nothing", broken_link, Refused("not-found")),
    "pipe": Recipe("would block for ever", pipe, Refused("not-a-file")),
    "device": Recipe("endless", lambda _: Path("/dev/zero"), Refused("not-a-file")),
    "guessed T1": Recipe("by its name", guessed("t1_mprage.nii"), Accepted(role="t1")),
    "guessed TOF": Recipe("by its name", guessed("tof.nii"), Accepted(role="tof")),
    "guessed T2": Recipe("by its name", guessed("x_CISS.nii"), Accepted()),
    "same twice": Recipe(
        "one file in two roles",
        lambda folder: ["--t2", (p := written(PLAIN, "tof.nii")(folder)), "--tof", p],
        Refused("same-image-twice"),
    ),
    "both forms": Recipe(
        "two options that exclude each other",
        lambda folder: ["--t2", folder / "exclude", "--use-sform", "--use-qform"],
        Refused("two-affines"),
    ),
}


def strayed(value: float, share: float = 0.0005, below: float = 0.0) -> bytes:
    """Some voxels that are no number, all others moved down."""
    voxels = VOXELS.astype(np.float32) - below
    count = max(1, int(share * voxels.size))
    voxels.ravel()[:count] = value
    return nifti(voxels, kind="f4")


def filled(value: float) -> bytes:
    return nifti(np.full(SHAPE, value, np.float32), kind="f4")


def wrapped() -> bytes:
    """A bright smooth head in unsigned numbers, written as signed ones."""
    ramp = np.add.outer(np.add.outer(np.arange(10), np.arange(12)), np.arange(14))
    voxels = (ramp * 1600 + VOXELS // 50).astype(np.uint16)
    voxels[9, 11, 13] = 65535
    return nifti(voxels.view(np.int16))


def padded() -> bytes:
    voxels = VOXELS.copy()
    voxels[:2] = -32768
    return nifti(voxels)


def few(count: int) -> bytes:
    return nifti(VOXELS % count)


BELOW = "negative: counted from"
VALUES: Table = {
    "stray NaN": Recipe(
        "one voxel of a reconstruction",
        written(strayed(np.nan)),
        Accepted(says="not finite"),
    ),
    "stray infinity": Recipe(
        "a division by zero", written(strayed(np.inf)), Accepted(says="not finite")
    ),
    "stray minus infinity": Recipe(
        "a logarithm of zero", written(strayed(-np.inf)), Accepted(says="not finite")
    ),
    "stray NaN among negative": Recipe(
        "one bad voxel spoils no other",
        written(strayed(np.nan, below=500)),
        Accepted(says=BELOW),
    ),
    "stray minus infinity among negative": Recipe(
        "one bad voxel spoils no other",
        written(strayed(-np.inf, below=500)),
        Accepted(says=BELOW),
    ),
    "many NaN": Recipe(
        "a part is missing", written(strayed(np.nan, 0.3)), Refused("not-finite")
    ),
    "all NaN": Recipe("nothing in it", written(filled(np.nan)), Refused("not-finite")),
    "all infinite": Recipe(
        "nothing in it", written(filled(-np.inf)), Refused("not-finite")
    ),
    "constant": Recipe("no image", written(filled(7.0)), Refused("constant")),
    "zeros": Recipe("no image", written(filled(0.0)), Refused("constant")),
    "labels": Recipe("a segmentation", written(few(9)), Refused("label-map")),
    "two values": Recipe("a mask", written(few(2)), Refused("label-map")),
    "negative": Recipe(
        "counted from the lowest",
        written(nifti(VOXELS - 2000)),
        Accepted(says=BELOW),
    ),
    "padding": Recipe(
        "nothing was imaged there", written(padded()), Accepted(says="padding")
    ),
    "wrapped": Recipe(
        "unsigned read as signed",
        written(wrapped()),
        Accepted(says="by mistake", mark=place(AFFINE, (9, 11, 13))),
    ),
    "beyond float32": Recipe(
        "a double too large",
        written(nifti(VOXELS * 1e300, kind="f8")),
        Refused("not-finite"),
    ),
    "a range beyond float32": Recipe(
        "each number fits, their difference does not",
        written(nifti(np.clip(VOXELS / 500 - 1, -1, 1) * 3e38, kind="f4")),
        Refused("not-finite"),
    ),
    "tiny numbers": Recipe(
        "signal of 1e-9",
        written(nifti(VOXELS * 1e-9, kind="f4")),
        Accepted(mark=MARK_RAS),
    ),
    "eight voxels": Recipe(
        "two along each axis",
        written(nifti(VOXELS[:2, :2, :2])),
        Refused("label-map"),
    ),
}

TABLE: Table = {**FILES, **NAMES, **VALUES}
