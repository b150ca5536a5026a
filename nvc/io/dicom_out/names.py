"""How the DICOM objects are called, and what both say of themselves.

Apart, so that asking loads no DICOM library.
"""

from __future__ import annotations

from typing import Any

SEG_FILE = "segmentation.dcm"
SR_FILE = "measurements.dcm"
DICOM_FILES = (SEG_FILE, SR_FILE)

MAKER, MODEL = "NVC Review developers", "NVC Review"
SERIES_DESCRIPTION = "NVC Review: RESEARCH USE ONLY, not for diagnosis"
_SERIES_NUMBERS = {SEG_FILE: 9901, SR_FILE: 9902}


def name_object(file: str, uids: tuple[str, str], version: str) -> dict[str, Any]:
    """Return what both objects say of themselves, as highdicom takes it.

    Parameters
    ----------
    file : str
        `SEG_FILE` or `SR_FILE`.
    uids : tuple of str
        Of series and instance.
    version : str
        Of this program.
    """
    return {
        "series_instance_uid": uids[0],
        "series_number": _SERIES_NUMBERS[file],
        "sop_instance_uid": uids[1],
        "instance_number": 1,
        "manufacturer": MAKER,
        "manufacturer_model_name": MODEL,
        "software_versions": version,
        "series_description": SERIES_DESCRIPTION,
    }
