"""A study whose every field that may tell who somebody is holds a word of its own."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom

from nvc.io.sample import find_sample_study
from tests.nvc.io.made_files import write_dicom

TEXTS = {
    "PatientName": "Zqname^Jane",
    "OtherPatientNames": "Zqother^Jane",
    "PatientID": "ZQID-77310",
    "PatientBirthDate": "19420317",
    "PatientAge": "077Y",
    "PatientAddress": "Zqstreet 5",
    "PatientTelephoneNumbers": "Zq-0301234",
    "PatientComments": "Zqcomment hemifacial",
    "EthnicGroup": "Zqgroup",
    "Occupation": "Zqbaker",
    "StudyDate": "20190823",
    "SeriesDate": "20190824",
    "AcquisitionDate": "20190825",
    "ContentDate": "20190826",
    "AcquisitionTime": "112233.445566",
    "AccessionNumber": "ZQACC-1905",
    "StudyID": "ZQSTUDY-9",
    "InstitutionName": "Zqhospital",
    "InstitutionAddress": "Zqtown",
    "InstitutionalDepartmentName": "Zqward",
    "StationName": "ZQSTATION",
    "DeviceSerialNumber": "ZQSERIAL-8",
    "ReferringPhysicianName": "Zqreferring^Doc",
    "PerformingPhysicianName": "Zqperforming^Doc",
    "OperatorsName": "Zqoperator^Op",
    "PhysiciansOfRecord": "Zqrecord^Doc",
    "RequestingPhysician": "Zqrequesting^Doc",
    "StudyDescription": "Zqstudydesc brain",
    "SeriesDescription": "t2_ciss Zqseriesdesc",
    "ProtocolName": "t2_ciss Zqprotocol",
    "SequenceName": "Zqsequence",
    "ImageComments": "Zqimagecomment",
    "RequestedProcedureDescription": "Zqprocedure",
    "AdmissionID": "ZQADMISSION-3",
    "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.7700001",
    "SeriesInstanceUID": "1.2.826.0.1.3680043.8.498.7700002",
    "FrameOfReferenceUID": "1.2.826.0.1.3680043.8.498.7700003",
}
PRIVATE = "Zqprivate"
NIFTI = {
    "descrip": "Zqdescrip",
    "db_name": "Zqdbname",
    "intent_name": "Zqintent",
    "aux_file": "Zqauxfile",
}
EXTENSION = "Zqextension"
FOLDER, SERIES_FOLDER = "Zqfolder-Doe-Jane", "Zqseries t2"
TOF_NAME = "sub-Zqbids_ses-19420318_acq-Zqacq_tof.nii.gz"
SETTINGS_NAME = "Zqsettings.json"
IMAGES = "1.2.826.0.1.3680043.8.498.88"
WORDS = (
    *(text for name, text in TEXTS.items() if name != "PatientAge"),
    *("Zqname", "t2_ciss Zq", "19420318", PRIVATE, *NIFTI.values(), EXTENSION),
    *("Zqfolder", "Zqseries", "Zqbids", "Zqacq", "Zqsettings", IMAGES),
)


def write_marked(folder: Path) -> tuple[Path, Path, Path]:
    """Write a T2 as DICOM, a TOF as NIfTI and settings; return where they are."""
    sample, home = find_sample_study(), folder / FOLDER
    image = nib.load(sample / "t2.nii.gz")
    t2 = home / SERIES_FOLDER
    voxels = np.asarray(image.dataobj).astype(np.int16)
    uids = {"SOPInstanceUID": lambda k: f"{IMAGES}.{k}"}
    paths = write_dicom(t2, voxels, image.affine, **TEXTS, **uids)
    for path in paths:
        dataset = pydicom.dcmread(path)
        block = dataset.private_block(0x0011, PRIVATE, create=True)
        block.add_new(1, "LO", PRIVATE)
        dataset.save_as(path.with_name(f"Zqimage-{path.name}"))
        path.unlink()
    tof = home / TOF_NAME
    image = nib.load(sample / "tof.nii.gz")
    for name, text in NIFTI.items():
        image.header[name] = text.encode()
    code = nib.nifti1.Nifti1Extension("comment", EXTENSION.encode())
    image.header.extensions.append(code)
    nib.save(image, tof)
    settings = home / SETTINGS_NAME
    settings.write_text('{"report": {"near_mm": 1.1}}', encoding="utf-8")
    return t2, tof, settings
