"""What every file passes through: checks, safe reading, whole-or-nothing writing.

`walk` goes through folders, `nifti_start` tells NIfTI by its first bytes, `gates`
refuses what no MRI of a head is, `values` puts odd numbers right, `text_file` reads
small texts. `atomic` lets a file appear only when it is complete, `folder` files that
belong together, under a `lock`; `caches` says where libraries may keep theirs.
`reading` holds the value that every reader of images ends in, so open that first when
adding one.
"""
