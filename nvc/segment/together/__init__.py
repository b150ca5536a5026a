"""Nerves and vessels in turns, each looked for with the other known.

In come the nerves as first followed and the brain's mask; out go the vessels, and the
nerves and roots as they lie beside them. Open `stage` first (`find_vessels`), then
`turns`. `nerve_refit` and `root_refit` take one side again with vessels known,
`lost_nerve` and `cleared` without them; `values` hands on what was found.
"""
