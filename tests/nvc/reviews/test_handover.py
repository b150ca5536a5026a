"""What is handed over is of one moment: files of the run, page and table."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from nvc.errors import InputError, ReviewError
from nvc.io.doors import folder
from nvc.io.doors.lock import hold_folder
from nvc.io.records import review_log
from nvc.io.sample import find_sample_study
from nvc.model.anatomy import Side
from nvc.model.review import (
    Confidence,
    EventKind,
    Rating,
    ReviewState,
    RuleOut,
    Signature,
    Verdict,
)
from nvc.reviews import handover
from nvc.reviews.handover import PAGE_NAME, TABLE_NAME, hand_over, tell_reading
from nvc.reviews.replay import CHECKLIST_NAMES
from nvc.reviews.session import read_review
from nvc.saving.names import RUN_FILES
from tests.nvc.io.made_files import write_dicom

pytestmark = pytest.mark.slow
ALL = {*RUN_FILES, PAGE_NAME, TABLE_NAME}


def contents(out) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def exports(session) -> int:
    return sum(event.kind is EventKind.EXPORTED for event in session.events)


def test_every_file_is_there_and_the_page_prints_the_seal(session, found, tmp_path):
    out = tmp_path / "out"
    for count in (1, 2):
        assert set(hand_over(session, found, out)) == ALL
        assert set(contents(out)) == ALL
        assert exports(session) == count
        assert session.state.seal.encode() in contents(out)[PAGE_NAME]


def test_a_full_disk_leaves_what_was_handed_over_before(
    session, found, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    hand_over(session, found, out)
    before, write = contents(out), folder._write_through

    def full(path, content):
        if path.name == PAGE_NAME:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(folder, "_write_through", full)
    with pytest.raises(InputError, match="No space left on device"):
        hand_over(session, found, out)
    assert contents(out) == before


@pytest.mark.parametrize("trouble", ["held", "full"])
def test_a_handover_that_does_not_happen_is_not_recorded(
    session, found, tmp_path, monkeypatch, trouble
):
    out = tmp_path / "out"
    out.mkdir()
    seal = session.state.seal
    if trouble == "held":
        with hold_folder(out, "out"), pytest.raises(InputError, match="another run"):
            hand_over(session, found, out)
    else:

        def full(path, content):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(folder, "_write_through", full)
        with pytest.raises(InputError, match="No space left"):
            hand_over(session, found, out)
    assert exports(session) == 0
    assert session.state.seal == seal
    assert list(out.iterdir()) == []


def test_a_page_that_cannot_be_replaced_is_told_before_anything_is_written(
    session, found, tmp_path
):
    out = tmp_path / "out"
    (out / PAGE_NAME).mkdir(parents=True)
    with pytest.raises(InputError, match=PAGE_NAME):
        hand_over(session, found, out)
    assert exports(session) == 0
    assert [path.name for path in out.iterdir()] == [PAGE_NAME]


def test_what_fails_last_of_all_is_not_recorded_either(
    session, found, tmp_path, monkeypatch
):
    """Every file lies on the disk, and the last move of them is refused."""
    out = tmp_path / "out"
    hand_over(session, found, out)
    before, seal, move = contents(out), session.state.seal, folder._move

    def held(source, target, told):
        if target.parent == out and target.name == RUN_FILES[-1]:
            raise InputError.of("out-not-writable", str(told), "is held")
        move(source, target, told)

    monkeypatch.setattr(folder, "_move", held)
    with pytest.raises(InputError, match="is held"):
        hand_over(session, found, out)
    assert contents(out) == before
    assert read_review(session.path).seal == session.state.seal == seal


def test_what_cannot_be_recorded_is_not_handed_over(
    session, found, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    hand_over(session, found, out)
    before, log = contents(out), session.path.read_bytes()

    def full(handle, line):
        review_log.os.write(handle, line[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(review_log, "_write_all", full)
    with pytest.raises(InputError, match="No space left on device"):
        hand_over(session, found, out)
    assert contents(out) == before
    assert session.path.read_bytes() == log
    monkeypatch.undo()
    hand_over(session, found, out)
    assert exports(session) == 2


def test_what_a_reader_does_meanwhile_is_kept_and_the_page_is_not(
    session, found, tmp_path, monkeypatch
):
    """The page would end with a seal that the record never had."""
    render = handover.render_review_page

    def slow(*given):
        session.add_ruler((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
        return render(*given)

    monkeypatch.setattr(handover, "render_review_page", slow)
    with pytest.raises(InputError, match="went on while this was being done"):
        hand_over(session, found, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    state = read_review(session.path)
    assert len(state.rulers) == 1
    assert exports(session) == 0


def test_numbers_of_before_a_change_are_not_handed_over(session, found, tmp_path):
    for side in Side:
        session.rate(side, Rating.CONTACT, Confidence.LOW, reader="A. Reader")
    session.reveal()
    session.measured(found.report)
    session.move_landmark(Side.LEFT, "porus_mm", (-20.0, 0.0, 0.0))
    with pytest.raises(ReviewError, match="measure again first"):
        hand_over(session, found, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_reading_is_final_only_where_both_sides_are_signed_as_they_stand():
    word = Signature(
        verdict=Verdict.AGREE,
        reason="",
        reader="A. Reader",
        time="2026-01-02T03:04:05+00:00",
        version=1,
        report_sha256="",
    )
    both = dict.fromkeys(Side, word)
    assert tell_reading(ReviewState(signatures=both)).is_signed
    assert not tell_reading(ReviewState(signatures=both, is_stale=True)).is_signed
    half = tell_reading(ReviewState(signatures={Side.LEFT: word}))
    assert not half.is_signed
    assert [one.side for one in half.signatures] == [Side.LEFT]


@pytest.fixture(scope="module")
def dicom_of_sample(tmp_path_factory):
    """The sample's T2 as the DICOM series that it may have been converted from."""
    folder = tmp_path_factory.mktemp("dicom") / "t2"
    t2 = nib.load(find_sample_study() / "t2.nii.gz")
    voxels = np.asarray(t2.dataobj)
    uid = generate_uid(entropy_srcs=["study"])
    write_dicom(folder, voxels.astype("<u2"), t2.affine, StudyInstanceUID=uid)
    return folder


@pytest.mark.parametrize("is_signed", [True, False])
def test_dicom_is_final_where_both_sides_are_signed(
    is_signed, session, found, tmp_path, dicom_of_sample
):
    pytest.importorskip("highdicom")
    for side in Side:
        session.rate(side, Rating.CONTACT, Confidence.LOW, reader="A. Reader")
    session.reveal()
    session.measured(found.report)
    for name in CHECKLIST_NAMES:
        session.rule_out(name, RuleOut.RULED_OUT)
    for side in list(Side)[: 2 if is_signed else 1]:
        session.sign(side, Verdict.AGREE, "", "A. Reader")
    out = tmp_path / "out"
    files = hand_over(session, found, out, dicom=True, reference_dicom=dicom_of_sample)
    document = pydicom.dcmread(files["measurements.dcm"])
    state = ("COMPLETE", "VERIFIED") if is_signed else ("PARTIAL", "UNVERIFIED")
    assert (document.CompletionFlag, document.VerificationFlag) == state
    first = pydicom.dcmread(next(iter(dicom_of_sample.iterdir())))
    segments = pydicom.dcmread(files["segmentation.dcm"])
    for made in (document, segments):
        assert made.StudyInstanceUID == first.StudyInstanceUID
        assert made.PatientID == first.PatientID
    # Numbers of a later run would stand beside these.
    with pytest.raises(InputError, match=r"dcm: is of an earlier run"):
        hand_over(session, found, out)
    assert exports(session) == 1
