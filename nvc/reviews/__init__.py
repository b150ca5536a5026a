"""A reader's review: what was rated, corrected, measured again and signed."""
