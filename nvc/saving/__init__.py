"""A result to its files, all of them or none.

In comes a `nvc.pipeline.Result`, out go the files of ``--out``. Open `save` first. A
new exporter is one more name and content in `nvc.saving.outputs.render_files`; what
turns a value into the file's text or bytes stands in `nvc.io` (numbers, images) or
`nvc.pages` (for the eye).
"""
