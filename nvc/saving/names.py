"""The files of a run by name, and whether a folder will take them.

Apart from what makes the files, so that a run can ask before it begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nvc.errors import InputError
from nvc.io.dicom_out.names import DICOM_FILES
from nvc.io.doors.folder import check_names, check_out_dir

REPORT_FILE = "report.json"
PAGE_FILE = "report.html"
TABLE_FILE = "measurements.csv"
LABELS_FILE = "segmentation.nii.gz"
LABEL_TABLE_FILE = "segmentation.tsv"
LANDMARKS_FILE = "landmarks.json"
RUN_FILES = (
    PAGE_FILE,
    TABLE_FILE,
    LABELS_FILE,
    LABEL_TABLE_FILE,
    LANDMARKS_FILE,
    REPORT_FILE,
)


def name_files(*, dicom: bool = False) -> tuple[str, ...]:
    """Return the names of all files that a run will write."""
    return (*RUN_FILES, *(DICOM_FILES if dicom else ()))


def check_output(
    out_dir: Path, inputs: Iterable[Path] = (), names: Iterable[str] = RUN_FILES
) -> None:
    """Refuse a folder in which the files of a run could not be written or replaced.

    DICOM objects of an earlier run that this one would not replace are refused as well:
    they would stay beside a report whose numbers they do not hold.

    Parameters
    ----------
    out_dir : Path
        May exist or not.
    inputs : iterable of Path
        Files and folders that the run reads; never written over.
    names : iterable of str
        Files that the run will write.

    Raises
    ------
    InputError
        Naming the folder or the file.
    """
    written = tuple(names)
    check_out_dir(out_dir, inputs)
    check_names(out_dir, written)
    for name in DICOM_FILES:
        if name not in written and (out_dir / name).exists():
            raise InputError.of(
                "earlier-dicom",
                str(out_dir / name),
                "is of an earlier run, and this one would not replace it.",
                "Ask for DICOM again, move it away, or choose another folder.",
            )
