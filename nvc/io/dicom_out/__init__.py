"""A result as DICOM objects of the source's own study: a SEG and a structured report.

Open `source` first: which images the result belongs to. `seg` writes the labels, `sr`
the numbers, `codes` names things, `uids` numbers the objects. These are the only
outputs that carry the patient module, since an archive can file nothing without it;
so they are written only where they are asked for.

highdicom comes with the extra ``[dicom]`` and is imported only when used.
"""
