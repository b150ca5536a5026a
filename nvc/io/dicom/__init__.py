"""DICOM: folders sorted into stacks, stacks read as volumes."""
