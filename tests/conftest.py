"""Where tests find the real head, and what keeps them apart from the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nvc.io.fetch import DATA_DIR_VARIABLE, find_local, list_public_studies

ROOT = Path(__file__).parents[1]
REAL_HEAD = "studyforrest-t1"
REQUIRED_VARIABLE = "NVC_REQUIRE_REAL_HEAD"
"""Set to 1, a missing real head fails its tests rather than skipping them."""


@pytest.fixture(scope="session")
def real_head() -> Path:
    """The folder of the public T1-weighted head, every file's digest checked."""
    beside = ROOT.parent / "shared" / "data" / "head-t1" / "dicom"
    study = list_public_studies()[REAL_HEAD]
    folder = find_local(study, beside) or find_local(study)
    if folder is not None:
        return folder
    reason = (
        f"the real head {REAL_HEAD} is neither in ../shared/data nor below "
        f"{DATA_DIR_VARIABLE}; run: nvc fetch {REAL_HEAD}"
    )
    if os.environ.get(REQUIRED_VARIABLE) == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
