"""What else a reader must not miss: arteries, cisterns and coverage.

In come the stages' values; out go `Remark`s, numbers beside what is usual, and what
could not be looked at. Open `stage` first. `arteries` rests on `artery_tree`,
`cistern` on `csf_space`, and all that compares sides on `side_places`. Nothing here
knows of the gap, and a remark never changes a contact.
"""
