"""Files in and out; the only place that reads them.

In come paths, out go the values of `nvc.model`, and back. Open `study.load` first:
from files to a `Study`.

A new reader is a room beside `nifti` and `dicom` that ends in a
`nvc.io.doors.reading.Reading`, and a branch in `nvc.io.study.sources.list_source`. A
new exporter is a module beside `nifti.labels_out` or `records.measurements_csv` that
turns a value into text or bytes; `nvc.saving.outputs.render_files` gives it its file.
"""
