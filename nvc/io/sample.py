"""Sample studies: phantoms written as files, and the one that comes with the program.

The committed study is made by ``write_sample("demo", folder)``.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np

from nvc.errors import InputError
from nvc.io.doors.folder import check_not_others, check_out_dir, write_folder
from nvc.notice import NOTICE

if TYPE_CHECKING:
    from nvc.model.grid import Volume
    from nvc.phantom import PhantomOptions

_README = """Sample study of NVC Review
==========================

A phantom: no patient was ever imaged. Made from the seed and the options
that truth.json records; free to use under CC0 1.0.

t2.nii.gz            T2 cisternography
tof.nii.gz           time-of-flight angiography, another pose of the head (if asked)
t1.nii.gz            T1 (if asked)
truth.json           landmarks, courses, gaps: exact, RAS mm of the T2
truth_labels.nii.gz  1/2 CN VII left/right, 3/4 CN VIII, 5 artery, 6 vein, 8 brainstem

"""

_TRUTH_FILE = "truth.json"


def write_sample(sample: str | PhantomOptions, out_dir: Path) -> dict[str, Path]:
    """Make a phantom and write it as a study.

    Parameters
    ----------
    sample : str or PhantomOptions
        A name such as ``"demo"`` or ``"near-42"``, or the options themselves.
    out_dir : Path
        Folder, made if missing.

    Returns
    -------
    dict of str to Path
        ``"t2"``, ``"truth"``, ``"labels"``, ``"readme"``, and ``"tof"``, ``"t1"``
        where asked.

    Raises
    ------
    InputError
        If there is no such sample, or the folder cannot be written to.
    """
    # Whoever opens the sample that is there already need not wait for the phantoms.
    from nvc.phantom import make_phantom, options_for

    options = options_for(sample) if isinstance(sample, str) else sample
    out_dir = Path(out_dir)
    check_out_dir(out_dir)
    phantom = make_phantom(options)
    contents = {
        role.value: (f"{role.value}.nii.gz", volume_to_nifti(volume, np.int16))
        for role, volume in phantom.volumes.items()
    }
    truth = json.dumps(phantom.truth, indent=1).encode()
    contents["truth"] = (_TRUTH_FILE, truth)
    contents["labels"] = (
        "truth_labels.nii.gz",
        volume_to_nifti(phantom.labels, np.uint8),
    )
    contents["readme"] = ("README.txt", (_README + NOTICE + "\n").encode())
    files = dict(contents.values())
    if not (out_dir / _TRUTH_FILE).is_file():  # else it holds a sample, to be replaced
        check_not_others(out_dir, files)
    written = write_folder(files, out_dir, last=_TRUTH_FILE)
    return {key: written[name] for key, (name, _) in contents.items()}


def volume_to_nifti(volume: Volume, dtype: type[np.generic]) -> bytes:
    """Return a volume as a gzipped NIfTI whose qform equals its sform.

    Equal volumes give equal bytes.
    """
    image = nib.Nifti1Image(
        np.asarray(volume.voxels).astype(dtype), volume.grid.voxel_to_ras_mm
    )
    image.set_sform(volume.grid.voxel_to_ras_mm, code=1)
    image.set_qform(volume.grid.voxel_to_ras_mm, code=1)
    image.header.set_xyzt_units("mm")
    return gzip.compress(image.to_bytes(), compresslevel=6, mtime=0)


def find_sample_study() -> Path:
    """Return the folder of the study that comes with the program.

    Raises
    ------
    InputError
        If neither the packaged copy nor the repository's is there.
    """
    package = Path(__file__).resolve().parents[1]
    candidates = (package / "_sample_study", package.parent / "sample_data" / "study")
    for folder in candidates:
        if (folder / "t2.nii.gz").is_file():
            return folder
    raise InputError.of(
        "no-sample-study",
        str(candidates[-1]),
        "the sample study is missing from this installation.",
        "Run `nvc sample demo FOLDER` to make it.",
    )
