"""A result to its files, all of them or none.

In comes a `nvc.pipeline.Result`, out go the files of ``--out``. Open `save` first. A
new exporter is one more name in `names`, which says before a run whether its files can
be written, and its content in `outputs.render_files`; what turns a value into text or
bytes stands in `nvc.io` (numbers, images) or `nvc.pages` (for the eye).
"""
