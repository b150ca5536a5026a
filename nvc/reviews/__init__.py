"""A reader's review: what was rated, corrected, measured again and signed.

A review is a list of events (`nvc.model.review`) in a file. Open `session` first: it
takes down what a reader does. `replay` says which event may come when, `possible` which
landmark can be measured, `edits` goes from the state of a review to its numbers,
`handover` writes what is given away, and
`agreement` compares readers.
"""
