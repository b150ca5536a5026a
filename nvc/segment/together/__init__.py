"""Nerves and vessels in turns, each looked for with the other known.

In come the nerves as first followed and the arteries of the angiography (`traced`);
out go the vessels, the nerves and roots as they lie beside them, and how far around
CN VII it is known that no vessel lies (`free`). Open `stage` first (`find_vessels`),
then `turns`. `nerve_refit` and `root_refit` take one side again with vessels known;
`values` hands on what was found.
"""
