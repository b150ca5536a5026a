"""What every file passes through: checks, safe reading, whole-or-nothing writing.

`gates` refuses what no MRI of a head is, `text_file` reads small texts, `atomic` lets a
file appear only when it is complete, `folder` files that belong together. `reading`
holds the value that every reader of images ends in, so open that first when adding one.
"""
