"""DICOM: single series, well and badly written."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from tests.nvc.hostile.recipe import Accepted, Recipe, Refused, Table
from tests.nvc.hostile.world import (
    DICOM_AFFINE,
    DICOM_MARK_RAS,
    SIZES,
    SMALL,
    VOXELS,
    dicom,
    series,
)
from tests.nvc.io.made_files import (
    MR_IMAGE,
    edit_dicom,
    lps,
    noise,
    position,
    write_enhanced,
)

NAN, INFINITE = float("nan"), float("inf")


def read_as(says: str = "", **facts) -> Accepted:
    mark = facts.pop("mark", DICOM_MARK_RAS)
    return Accepted(codes="LPS", source="dicom", says=says, mark=mark, **facts)


GOOD = read_as()


def rewritten(change):
    """A maker of a series each file of which is read, changed and written again."""

    def make(folder: Path) -> Path:
        made = series(folder / "mr")
        for path in made.iterdir():
            dataset = pydicom.dcmread(path)
            change(dataset)
            dataset.save_as(path, enforce_file_format=True)
        return made

    return make


def bare(folder: Path) -> Path:
    """Without preamble and meta information, as very old archives keep files."""
    made = series(folder / "mr")
    for path in made.iterdir():
        content = path.read_bytes()
        path.write_bytes(content[content.index(b"\x08\0\x08\0") :])
    return made


def swap_bytes(dataset: pydicom.Dataset) -> None:
    dataset.PixelData = dataset.pixel_array.astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    list(dataset)  # every element is decoded before the byte order changes
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=False)


def in_syntax(uid: str):
    """A maker of a series in another transfer syntax."""
    return rewritten(lambda one: setattr(one.file_meta, "TransferSyntaxUID", uid))


in_rle = rewritten(lambda one: one.compress(RLELossless, generate_instance_uid=False))


in_jpeg_ls = rewritten(
    lambda one: one.compress(JPEGLSLossless, generate_instance_uid=False)
)


def false_numbers(folder: Path) -> Path:
    """Pixels that say themselves that they are 65535 by 65535."""
    made = in_jpeg_ls(folder)
    for path in made.iterdir():
        content = path.read_bytes()
        at = content.index(b"\xff\xf7\x00\x0b") + 5
        path.write_bytes(content[:at] + b"\xff" * 4 + content[at + 4 :])
    return made


def overwritten(folder: Path) -> Path:
    """The middle of what is packed is noise."""
    made = in_jpeg_ls(folder)
    for path in made.iterdir():
        content = bytearray(path.read_bytes())
        content[-90:-30] = np.random.default_rng(1).bytes(60)
        path.write_bytes(content)
    return made


def bomb(folder: Path) -> Path:
    """A deflated file whose header alone is 300 MB of blanks."""
    made = in_syntax(DeflatedExplicitVRLittleEndian)(folder)
    for path in list(made.iterdir())[:1]:
        meta = pydicom.filereader.read_file_meta_info(path)
        head = path.read_bytes()[: 144 + meta.FileMetaInformationGroupLength]
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        long = b"\x08\0\x01\x00OB\0\0" + (300 * 2**20).to_bytes(4, "little")
        packed = [squeeze.compress(long)]
        packed += [squeeze.compress(bytes(2**20)) for _ in range(300)]
        path.write_bytes(head + b"".join(packed) + squeeze.flush())
    return made


def compressed_and_cut(folder: Path) -> Path:
    made = in_rle(folder)
    for path in made.iterdir():
        path.write_bytes(path.read_bytes()[:-60])
    return made


def edited(change, **attributes):
    """A maker of a series of which something is changed once it is written."""

    def make(folder: Path) -> Path:
        made = series(folder / "mr", **attributes)
        change(sorted(made.iterdir(), key=lambda p: int(p.stem.rpartition("_")[2])))
        return made

    return make


def drop(*numbers: int):
    return edited(lambda paths: [paths[n].unlink() for n in numbers])


def copied(paths: list[Path]) -> None:
    (paths[0].parent / "copy.dcm").write_bytes(paths[4].read_bytes())


def other_pixels(paths: list[Path]) -> None:
    dataset = pydicom.dcmread(paths[4])
    dataset.PixelData = bytes(len(dataset.PixelData))
    dataset.save_as(paths[0].parent / "other.dcm")


def cut(size: int):
    return lambda paths: paths[3].write_bytes(paths[3].read_bytes()[:size])


def change(number: int, **attributes):
    return edited(lambda paths: edit_dicom(paths[number], **attributes))


def moved(shift_mm):
    """Positions off the regular stack, in mm, LPS, for each slice."""
    return dicom(
        ImagePositionPatient=lambda k: [
            float(v) for v in np.add(position(DICOM_AFFINE, k), shift_mm(k))
        ]
    )


def enhanced(**attributes):
    def make(folder: Path) -> Path:
        path = folder / "multi.dcm"
        # Frames carry a slope of two and an intercept of one.
        write_enhanced(path, VOXELS, DICOM_AFFINE)
        edit_dicom(path, **attributes)
        return path

    return make


def parted(folder: Path) -> Path:
    for k in range(VOXELS.shape[2]):
        affine = DICOM_AFFINE.copy()
        affine[:3, 3] = (DICOM_AFFINE @ [0, 0, k, 1])[:3]
        write_enhanced(folder / f"{k}", VOXELS[..., k : k + 1], affine)
        edit_dicom(
            folder / f"{k}", SeriesInstanceUID="1.2.9", FrameOfReferenceUID="1.3"
        )
    return folder


def changed_frames(change, voxels: np.ndarray = VOXELS):
    """A maker of an enhanced file, each of whose frames is changed by its number."""

    def make(folder: Path) -> Path:
        path = folder / "multi.dcm"
        write_enhanced(path, voxels, DICOM_AFFINE)
        dataset = pydicom.dcmread(path)
        for number, groups in enumerate(dataset.PerFrameFunctionalGroupsSequence):
            change(number, groups)
        dataset.save_as(path)
        return path

    return make


def item(**attributes) -> list[pydicom.Dataset]:
    made = pydicom.Dataset()
    for name, value in attributes.items():
        setattr(made, name, value)
    return [made]


def enhanced_packed(folder: Path) -> Path:
    path = enhanced()(folder)
    dataset = pydicom.dcmread(path)
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    dataset.save_as(path)
    return path


def turn_second_half(number: int, groups: pydicom.Dataset) -> None:
    if number >= VOXELS.shape[2] // 2:
        turned = item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
        groups.PlaneOrientationSequence = turned


def repeat(number: int, groups: pydicom.Dataset) -> None:
    again, place = divmod(number, VOXELS.shape[2])
    groups.FrameContentSequence = item(TemporalPositionIndex=1 + again)
    groups.PlanePositionSequence = item(
        ImagePositionPatient=position(DICOM_AFFINE, place)
    )


turned_half = changed_frames(turn_second_half)
two_times = changed_frames(repeat, np.concatenate([VOXELS, noise(seed=3)], axis=2))


def in_many_syntaxes(folder: Path) -> Path:
    made = series(folder / "mr")
    for number, path in enumerate(sorted(made.iterdir())):
        dataset = pydicom.dcmread(path)
        if syntax := (None, RLELossless, JPEGLSLossless)[number % 3]:
            dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(path)
    return made


def packed_and_plain(folder: Path) -> Path:
    told = {"SeriesInstanceUID": "1.2", "FrameOfReferenceUID": "1.3"}
    for name in ("packed", "plain"):
        series(folder / name, SOPInstanceUID=lambda k: f"1.4.{k}", **told)
    for path in (folder / "packed").iterdir():
        dataset = pydicom.dcmread(path)
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        dataset.save_as(path)
    return folder


def lengthen_file(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"left behind" * 9)


def frames_lost(folder: Path) -> Path:
    path = enhanced()(folder)
    dataset = pydicom.dcmread(path)
    del dataset.PerFrameFunctionalGroupsSequence[5]
    dataset.save_as(path)
    return path


def signed(folder: Path) -> Path:
    values = (VOXELS.astype(np.int32) - 300).astype(np.int16).view(np.uint16)
    return series(folder / "mr", values, PixelRepresentation=1)


def padded() -> np.ndarray:
    voxels = VOXELS.astype(np.uint16)
    voxels[:2] = 60000
    return voxels


def private(folder: Path) -> Path:
    made = series(folder / "mr", PatientComments="SECRET", InstitutionName="SECRET")
    for path in made.iterdir():
        dataset = pydicom.dcmread(path)
        block = dataset.private_block(0x0011, "SECRET of Doe", create=True)
        block.add_new(1, "LO", "Doe^Jane 19700101")
        dataset.save_as(path)
    return made


def traversing(folder: Path) -> Path:
    return series(
        folder / "mr",
        SeriesDescription="../../../tmp/t2",
        SeriesInstanceUID="../../escape",
        SOPInstanceUID=lambda k: f"../../escape{k}",
    )


def rewritten_bits(folder: Path, values: np.ndarray, **attributes) -> Path:
    told = {"BitsStored": 12, "HighBit": 11} | attributes
    return series(folder / "mr", values.astype(np.uint16), **told)


def in_a_table(folder: Path) -> Path:
    table = pydicom.Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [4096, 0, 16], "US"
    table.add_new("LUTData", "OW", np.arange(4096)[::-1].astype("<u2").tobytes())
    return series(folder / "mr", ModalityLUTSequence=[table])


def lengthen(dataset: pydicom.Dataset) -> None:
    dataset.PixelData += bytes(2)


def to_floats(dataset: pydicom.Dataset) -> None:
    values = dataset.pixel_array.astype("<f4")
    del dataset.PixelData
    dataset.add_new("FloatPixelData", "OF", values.tobytes())
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 32, 32, 31


def misnamed(folder: Path) -> Path:
    made = series(folder / "mr")
    for path in made.iterdir():
        explicit, implicit = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0"
        path.write_bytes(path.read_bytes().replace(explicit, implicit))
    return made


ALONG = lps(DICOM_AFFINE)[:3, 2] / SIZES[2]
ASIDE = lps(DICOM_AFFINE)[:3, 0] / SIZES[0]

WRITING: Table = {
    "plain": Recipe("a folder of an archive", dicom(), GOOD),
    "no preamble": Recipe("files of an old archive", bare, GOOD),
    "implicit": Recipe("the default syntax", in_syntax(ImplicitVRLittleEndian), GOOD),
    "big-endian": Recipe("retired", rewritten(swap_bytes), GOOD),
    "deflated": Recipe("packed", in_syntax(DeflatedExplicitVRLittleEndian), GOOD),
    "RLE": Recipe("compressed", in_rle, GOOD),
    "JPEG-LS": Recipe("compressed", in_jpeg_ls, GOOD),
    "JPEG-LS, false size": Recipe("65535 a side", false_numbers, Refused("pixels")),
    "JPEG-LS, overwritten": Recipe("a bad disk", overwritten, Refused("pixels")),
    "deflated bomb": Recipe(
        "300 MB in 300 kB", bomb, Refused("too-large", "inflate to more")
    ),
    "each in a syntax of its own": Recipe(
        "an archive that was changed on the way", in_many_syntaxes, GOOD
    ),
    "twice, packed and plain": Recipe(
        "sent again by another archive", packed_and_plain, read_as("14 files were")
    ),
    "longer than its elements": Recipe(
        "what an editor left behind",
        edited(lambda paths: [lengthen_file(path) for path in paths]),
        GOOD,
    ),
    "RLE cut": Recipe("a broken copy", compressed_and_cut, Refused("pixels")),
    "pixels cut": Recipe("a broken copy", edited(cut(-40)), Refused("pixels")),
    "header cut": Recipe("a broken copy", edited(cut(300)), Refused("damaged-dicom")),
    "signed": Recipe("numbers below zero", signed, read_as("negative: counted from")),
    "12 bits, signed": Recipe(
        "the sign is bit 11",
        lambda folder: rewritten_bits(
            folder, (VOXELS.astype(np.int32) // 2 - 300) & 0xFFF, PixelRepresentation=1
        ),
        read_as("negative: counted from"),
    ),
    "12 bits, an overlay above": Recipe(
        "old archives drew in the upper bits",
        lambda folder: rewritten_bits(folder, VOXELS.astype(np.int32) | 0x8000),
        GOOD,
    ),
    "12 bits at the top": Recipe(
        "the lowest four are nothing",
        dicom(VOXELS.astype(np.uint16) << 4, BitsStored=12, HighBit=15),
        Refused("dicom-image", "end at bit 15"),
    ),
    "one slice of 8 bits": Recipe(
        "darker than the others",
        change(
            3,
            BitsAllocated=8,
            BitsStored=8,
            HighBit=7,
            PixelData=SMALL[:, :, 3].T.tobytes(),
        ),
        Refused("mixed-depth"),
    ),
    "a table of intensities": Recipe(
        "what is bright is said elsewhere", in_a_table, Refused("dicom-image", "table")
    ),
    "a mosaic": Recipe(
        "all slices in one picture",
        dicom(ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]),
        Refused("dicom-image", "mosaic"),
    ),
    "on four legs": Recipe(
        "an animal's left and right are defined otherwise",
        dicom(AnatomicalOrientationType="QUADRUPED"),
        Refused("dicom-image", "four legs"),
    ),
    "with loss": Recipe(
        "an archive that saves room",
        dicom(LossyImageCompression="01"),
        read_as("compressed with loss"),
    ),
    "longer than it says": Recipe("two bytes too many", rewritten(lengthen), GOOD),
    "implicit called explicit": Recipe(
        "a copy that changed one and not the other", misnamed, GOOD
    ),
    "floats": Recipe("pixels of another element", rewritten(to_floats), GOOD),
    "MONOCHROME1": Recipe(
        "bright is dark",
        dicom(PhotometricInterpretation="MONOCHROME1"),
        Refused("dicom-image", "MONOCHROME2"),
    ),
    "RGB": Recipe("a screenshot", dicom(SamplesPerPixel=3), Refused("dicom-image")),
    "unknown syntax": Recipe(
        "a private compression",
        in_syntax("1.2.3.4"),
        Refused("pixels", "uncompressed"),
    ),
    "private tags": Recipe("names where none belong", private, GOOD),
    "paths in tags": Recipe("no tag names a file", traversing, GOOD),
    "unknown letters": Recipe(
        "a character set that is none",
        dicom(SpecificCharacterSet="ISO_IR 999", PatientName="Doe^J\xfcrgen"),
        GOOD,
    ),
    "slope of NaN": Recipe(
        "no number", dicom(RescaleSlope=NAN, RescaleIntercept=0), Refused("scaling")
    ),
    "slope of zero": Recipe(
        "all become one", dicom(RescaleSlope=0, RescaleIntercept=5), Refused("scaling")
    ),
    "slope enormous": Recipe(
        "beyond float32",
        dicom(RescaleSlope=1e38, RescaleIntercept=0),
        Refused("not-finite"),
    ),
    "padding": Recipe(
        "a value that the header declares",
        dicom(padded(), PixelPaddingValue=60000),
        read_as("padding"),
    ),
}


STACKS: Table = {
    "missing slice": Recipe(
        "a broken copy", drop(6), Refused("missing-slices", "1 of")
    ),
    "missing slices": Recipe("every other", drop(3, 5, 9), Refused("missing-slices")),
    "first slices missing": Recipe(
        "a shorter stack is a stack",
        drop(0, 1),
        read_as(shape=(10, 12, 12)),
    ),
    "too few": Recipe("a fragment", drop(*range(8)), Refused("too-few-slices")),
    "copied slice": Recipe("sent twice", edited(copied), read_as("twice")),
    "another of that name": Recipe(
        "one UID, two pictures", edited(other_pixels), Refused("conflicting-copies")
    ),
    "uneven": Recipe(
        "steps differ by a tenth",
        moved(lambda k: 0.07 * (k % 2) * ALONG),
        Refused("uneven-spacing"),
    ),
    "rounded": Recipe(
        "positions of two decimals",
        dicom(
            ImagePositionPatient=lambda k: [
                round(v, 2) for v in position(DICOM_AFFINE, k)
            ]
        ),
        read_as(sizes=(0.5, 0.6, 0.699865), mark=None),
    ),
    "tilted gantry": Recipe(
        "slices move sideways", moved(lambda k: 0.1 * k * ASIDE), Refused("shear")
    ),
    "one slice aside": Recipe(
        "of another picture, at its own height",
        moved(lambda k: 5.0 * (k == 6) * ASIDE),
        Refused("shear", "up to 5.00 mm"),
    ),
    "a frame a file": Recipe("enhanced, as some archives part it", parted, GOOD),
    "all in one place": Recipe(
        "a cine", moved(lambda k: -0.7 * k * ALONG), Refused("duplicate-positions")
    ),
    "position NaN": Recipe(
        "no number",
        change(3, ImagePositionPatient=[NAN, 0.0, 0.0]),
        Refused("position"),
    ),
    "orientation NaN": Recipe(
        "no number",
        dicom(ImageOrientationPatient=[NAN, 0, 0, 0, 1, 0]),
        Refused("orientation"),
    ),
    "orientation infinite": Recipe(
        "no direction",
        change(3, ImageOrientationPatient=[INFINITE, 0, 0, 0, 1, 0]),
        Refused("missing-slices"),
    ),
    "every orientation infinite": Recipe(
        "no direction",
        dicom(ImageOrientationPatient=[INFINITE, 0, 0, 0, 1, 0]),
        Refused("orientation"),
    ),
    "places a light year apart": Recipe(
        "no room is so large",
        change(3, ImagePositionPatient=[-1e300, 1e300, 1e308]),
        Refused("position"),
    ),
    "echo time infinite": Recipe(
        "what is said of one slice only",
        change(3, EchoTime=INFINITE, RepetitionTime=INFINITE),
        GOOD,
    ),
    "orientation of no unit": Recipe(
        "axes of two lengths",
        dicom(ImageOrientationPatient=[2, 0, 0, 0, 1, 0]),
        Refused("orientation"),
    ),
    "one slice turned": Recipe(
        "it belongs to another stack",
        change(3, ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
        Refused("missing-slices"),
    ),
    "no spacing": Recipe(
        "unknown size", dicom(PixelSpacing=None), Refused("dicom-image", "PixelSpacing")
    ),
    "spacing 0": Recipe("no size", dicom(PixelSpacing=[0, 0]), Refused("voxel-size")),
    "spacing of one number": Recipe(
        "half of it is missing", dicom(PixelSpacing=[0.5]), Refused("dicom-image")
    ),
    "spacing of 50 mm": Recipe(
        "no head", dicom(PixelSpacing=[50, 50]), Refused("voxel-size")
    ),
    "spacing mixed": Recipe(
        "one slice of another size",
        change(3, PixelSpacing=[0.9, 0.9]),
        Refused("mixed-spacing"),
    ),
    "no position": Recipe(
        "unknown place", dicom(ImagePositionPatient=None), Refused("dicom-image")
    ),
    "no orientation": Recipe(
        "unknown sides", dicom(ImageOrientationPatient=None), Refused("dicom-image")
    ),
    "a row less": Recipe(
        "one slice of another shape",
        change(3, Rows=11, PixelData=VOXELS[:, 1:, 3].T.astype("<u2").tobytes()),
        Refused("missing-slices"),
    ),
    "two frames of reference": Recipe(
        "the patient was moved",
        change(3, FrameOfReferenceUID="1.2.3"),
        Refused("several-frames"),
    ),
    "two patients": Recipe(
        "a slice of somebody else",
        change(3, PatientID="patient-2"),
        Refused("several-patients"),
    ),
    "CT": Recipe("another machine", dicom(Modality="CT"), Refused("dicom-image", "CT")),
    "modality of a hacker": Recipe(
        "no word of a header is shown",
        dicom(Modality="SECRET"),
        Refused("dicom-image", "unknown"),
    ),
    "enhanced": Recipe("one file of frames", enhanced(), GOOD),
    "enhanced, JPEG-LS": Recipe("packed frame by frame", enhanced_packed, GOOD),
    "enhanced, two directions": Recipe(
        "half of the frames are of another stack",
        turned_half,
        Refused("too-few-slices"),
    ),
    "enhanced, two times": Recipe(
        "which is meant?", two_times, Refused("several-series", "by its number")
    ),
    "enhanced, a frame lost": Recipe(
        "14 stated, 13 described", frames_lost, Refused("dicom-image", "14 frames")
    ),
    "enhanced, a million frames": Recipe(
        "a false count", enhanced(NumberOfFrames=1000000), Refused("dicom-image")
    ),
    "frames without a place": Recipe(
        "an old multi-frame file",
        dicom(NumberOfFrames=2, SOPClassUID=MR_IMAGE),
        Refused("dicom-image", "several frames"),
    ),
    "no image": Recipe("rows of none", dicom(Rows=0), Refused("damaged-dicom")),
    "constant": Recipe("black", dicom(VOXELS * 0), Refused("constant")),
}

TABLE: Table = {**WRITING, **STACKS}
