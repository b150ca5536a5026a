"""The panel's pages: widgets that show a state and ask by signals.

Know the words and choices of `nvc.model` and what `shown` has prepared; places that
they name are true RAS mm. Do not know layers, views, each other's choices, or the
record that is written. Open `read_page.py` first: the others are made alike.
"""
