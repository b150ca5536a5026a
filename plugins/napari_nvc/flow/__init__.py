"""What happens when: showing, correcting, keys, working in the background.

Brings views and pages together: what may be seen at each step, how a drag or a stroke
becomes a step of the record, what runs in a thread. Does not know the panel, which
hands in what is needed. Open `showing.py` first, then `corrections.py`.
"""
