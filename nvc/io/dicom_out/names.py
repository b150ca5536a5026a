"""How the DICOM objects are called; apart, so that asking loads no DICOM library."""

SEG_FILE = "segmentation.dcm"
SR_FILE = "measurements.dcm"
DICOM_FILES = (SEG_FILE, SR_FILE)
