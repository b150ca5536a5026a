"""Folders: what lies beside a series, above it, or in its place."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from pydicom.fileset import FileSet

from tests.nvc.hostile.dicom_series import GOOD, read_as
from tests.nvc.hostile.recipe import Accepted, Recipe, Refused, Table
from tests.nvc.hostile.world import (
    DICOM_AFFINE,
    SHAPE,
    VOXELS,
    by_nibabel,
    nifti,
    packed,
    series,
    written,
)
from tests.nvc.io.made_files import noise, write_components, write_dicom


def empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def only_notes(folder: Path) -> Path:
    (folder / "notes.txt").write_text("hello")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    return folder


def beside(*others):
    """A maker of a folder with one good series, and what further makers write."""

    def make(folder: Path) -> list:
        series(folder / "1")
        for number, other in enumerate(others, start=2):
            (folder / str(number)).mkdir()
            other(folder / str(number))
        return [folder]

    return make


def other(**attributes):
    """A maker of another series of the same patient; None takes a tag away."""
    told = {"SeriesDescription": "other"} | attributes
    return lambda folder: write_dicom(folder, noise(seed=5), DICOM_AFFINE, **told)


def scout(folder: Path) -> None:
    write_dicom(folder, noise((10, 12, 3), 6), DICOM_AFFINE, SeriesDescription="loc")


def screenshot(folder: Path) -> None:
    voxels = noise((10, 12, 2), 7)
    write_dicom(folder, voxels, DICOM_AFFINE, Modality="OT", PixelSpacing=None)


def report(folder: Path) -> None:
    """A structured report: DICOM without a picture."""
    write_dicom(folder, noise((10, 12, 1)), DICOM_AFFINE, Rows=None, Columns=None,
                SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33")  # fmt: skip
    for path in folder.iterdir():
        content = path.read_bytes().replace(b"1.1.4\0\0", b"1.1.88\0")
        path.write_bytes(content)


def again(folder: Path) -> None:
    series(folder, SeriesInstanceUID="1.2.3", SOPInstanceUID=lambda k: f"1.2.3.{k}")


def link_up(folder: Path) -> None:
    (folder / "loop").symlink_to(folder.parent)


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.dcm")


def damaged(folder: Path) -> None:
    (path,) = other()(folder)[:1]
    path.write_bytes(path.read_bytes()[:300])


def hidden(folder: Path) -> None:
    (folder / "._IM001.dcm").write_bytes(bytes(128) + b"DICM")
    (folder / ".DS_Store").write_bytes(b"\0")


def deep(folder: Path) -> None:
    place = folder
    for _ in range(60):
        place = place / "d"
    place.mkdir(parents=True)


def two_stacks(folder: Path) -> list:
    """One series of two volumes, each at its own place."""
    far = DICOM_AFFINE.copy()
    far[:3, 3] += 40.0
    told = {"SeriesInstanceUID": "1.2.3", "FrameOfReferenceUID": "1.2.4"}
    write_dicom(folder / "a", VOXELS, DICOM_AFFINE, **told)
    write_dicom(folder / "b", noise(seed=8), far, **told)
    return ["--t2", folder]


def two_echoes(folder: Path) -> list:
    told = {"SeriesInstanceUID": "1.2.3", "FrameOfReferenceUID": "1.2.4"}
    write_dicom(folder / "a", VOXELS, DICOM_AFFINE, EchoTime=3.0, **told)
    write_dicom(folder / "b", noise(seed=8), DICOM_AFFINE, EchoTime=9.0, **told)
    return ["--t2", folder]


def components(folder: Path) -> Path:
    parts = {"MAGNITUDE": VOXELS, "PHASE": noise(seed=9)}
    write_components(folder / "multi.dcm", parts, DICOM_AFFINE)
    return folder / "multi.dcm"


def scouts_alone(folder: Path) -> Path:
    for turn, axes in enumerate(([0, 1, 2], [1, 2, 0], [2, 0, 1])):
        affine = DICOM_AFFINE[:, [*axes, 3]]
        write_dicom(folder / str(turn), noise((10, 12, 3), turn), affine,
                    SeriesInstanceUID="1.2.3")  # fmt: skip
    return folder


def niftis(*names: str):
    """A maker of a folder of NIfTI files, all of other voxels."""

    def make(folder: Path) -> list:
        for number, name in enumerate(names):
            voxels = VOXELS if number == 0 else noise(seed=number)
            written(nifti(voxels), name)(folder)
        return [folder]

    return make


def converted_beside(folder: Path) -> list:
    """DICOM, and the NIfTI that dcm2niix makes of it."""
    series(folder / "mr")
    rows = VOXELS.shape[1]
    turn = np.diag([1.0, -1.0, 1.0, 1.0])
    turn[1, 3] = rows - 1
    content = by_nibabel(VOXELS[:, ::-1], sform=DICOM_AFFINE @ turn, qform=None)
    written(content, "t2_ciss.nii")(folder)
    return [folder]


def dicomdir(folder: Path) -> Path:
    """The list of a disc, given for the disc itself."""
    told = {"StudyDate": "20200101", "StudyTime": "1200", "StudyID": "1"}
    numbers = {"SeriesNumber": 1, "InstanceNumber": lambda k: k + 1}
    made = series(folder / "mr", StudyInstanceUID="1.2.9", **told, **numbers)
    disc = FileSet()
    disc.add(next(made.iterdir()))
    disc.write(folder / "disc")
    return folder / "disc" / "DICOMDIR"


def files(contents: dict[str, bytes]):
    """A maker of a folder of files."""

    def make(folder: Path) -> list:
        for name, content in contents.items():
            written(content, name)(folder)
        return [folder]

    return make


def two_patients(folder: Path) -> list:
    series(folder / "1")
    other(PatientID="patient-2")(folder / "2")
    return ["--t2", folder / "1", "--tof", folder / "2"]


def named_like_a_file(folder: Path) -> Path:
    return series(folder / "t2.nii.gz")


def dicom_named_nifti(folder: Path) -> Path:
    for path in series(folder / "mr").iterdir():
        path.rename(path.with_suffix(".nii"))
    return folder / "mr"


def flat(folder: Path) -> Path:
    """Every slice in a folder and a series of its own."""
    write_dicom(folder, VOXELS, DICOM_AFFINE, SeriesInstanceUID=lambda k: f"1.2.{k}")
    for number, path in enumerate(sorted(folder.iterdir())):
        (folder / f"d{number}").mkdir()
        path.rename(folder / f"d{number}" / "IM")
    return folder


def second(folder: Path) -> list:
    write_dicom(folder / "1", noise(seed=4), DICOM_AFFINE, SeriesDescription="tof")
    series(folder / "2")
    return ["--t2", f"{folder}#2"]


TABLE: Table = {
    "empty": Recipe("nothing there", empty, Refused("empty-folder")),
    "only other files": Recipe("no image", only_notes, Refused("empty-folder")),
    "a link up": Recipe("a loop", beside(link_up), read_as("here already")),
    "a pipe": Recipe("would block for ever", beside(pipe), read_as("pipe or device")),
    "hidden files": Recipe("of another system", beside(hidden), GOOD),
    "too deep": Recipe("no archive is so deep", beside(deep), read_as("too deep")),
    "a scout": Recipe("three slices", beside(scout), read_as("fewer than 8")),
    "a screenshot": Recipe("not of the scanner", beside(screenshot), read_as("fewer")),
    "a report": Recipe("no picture", beside(report), read_as("holds no image")),
    "diffusion": Recipe(
        "many directions in one place",
        beside(other(SeriesDescription="ep2d_diff", DiffusionBValue=1000.0)),
        GOOD,
    ),
    "a projection": Recipe(
        "derived from a TOF",
        beside(
            other(
                ImageType=["DERIVED", "SECONDARY", "MIP"], SeriesDescription="tof mip"
            )
        ),
        GOOD,
    ),
    "derived, same name": Recipe(
        "a T2 that is not original is a T2 still",
        lambda folder: [series(folder / "mr", ImageType=["DERIVED", "SECONDARY"])],
        GOOD,
    ),
    "phase images": Recipe(
        "no magnitude",
        beside(other(ImageType=["ORIGINAL", "PRIMARY", "P"], SeriesDescription="t2")),
        GOOD,
    ),
    "sent again": Recipe("another number, same pictures", beside(again), GOOD),
    "two T2": Recipe(
        "which is meant?",
        beside(other(SeriesDescription="t2 space")),
        Refused("role-taken-twice", "--t2"),
    ),
    "a damaged file": Recipe(
        "a broken copy", beside(damaged), Refused("damaged-dicom", "export")
    ),
    "two stacks": Recipe(
        "two places in one series", two_stacks, Refused("missing-slices")
    ),
    "two echoes": Recipe(
        "which is meant?", two_echoes, Refused("several-series", "by its number")
    ),
    "magnitude and phase": Recipe("one file of both", components, GOOD),
    "scouts alone": Recipe("three directions", scouts_alone, Refused("too-few-slices")),
    "two patients": Recipe(
        "a T2 and another's TOF", two_patients, Refused("several-patients")
    ),
    "a folder named as a file": Recipe("content counts", named_like_a_file, GOOD),
    "DICOM named NIfTI": Recipe("content counts", dicom_named_nifti, GOOD),
    "a series a slice": Recipe(
        "what some archives do", flat, read_as("are one stack", shape=SHAPE)
    ),
    "the second series": Recipe("as inspect counts", second, GOOD),
    "NIfTI by name": Recipe(
        "a T2 and a T1", niftis("x_t2.nii", "y_mask.nii"), Accepted()
    ),
    "converted beside its source": Recipe(
        "one image, with its rows turned over", converted_beside, GOOD
    ),
    "a copy for safety": Recipe(
        "one file under two names",
        files({"t2.nii": nifti(), "t2.nii~": nifti()}),
        Accepted(),
    ),
    "half a download": Recipe(
        "beside the whole",
        files({"t2.nii": nifti(), "t2.nii.part": nifti()[:3000]}),
        Accepted(),
    ),
    "NIfTI without an ending": Recipe(
        "content counts", files({"t2": nifti()}), Accepted(role="t2")
    ),
    "packed NIfTI without an ending": Recipe(
        "content counts", files({"t2": packed(nifti())}), Accepted(role="t2")
    ),
    "NIfTI of another ending": Recipe(
        "content counts", files({"t2.img.bak": nifti(order=">")}), Accepted()
    ),
    "other packed files": Recipe(
        "a packed table is no image",
        files({"t2.csv.gz": packed(b"a,b" * 999)}),
        Refused("empty-folder"),
    ),
    "packed DICOM": Recipe(
        "as some archives hand it out",
        files({f"IM{n}.dcm.gz": packed(b"DICM") for n in range(9)}),
        Refused("empty-folder", "9 of its files are packed. Unpack them."),
    ),
    "DICOMDIR": Recipe("a list of images", dicomdir, Refused("no-image", "the folder")),
    "an Analyze pair": Recipe(
        "a header without its image",
        files({"t2.hdr": nifti(magic=b"ni1\0")}),
        Refused("empty-folder"),
    ),
    "missing": Recipe(
        "no such folder", lambda folder: folder / "none", Refused("not-found")
    ),
}
