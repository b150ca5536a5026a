"""Vessels without flow signal: dark tubes in the cistern, told from nerves and folds.

In come the searched part of the reference (`SearchedBox`), CN VII and what is known
already; out go `DarkTube`s that are, or may be, vessels. Open `search` for the order of
things: it follows dark `ridges`, `track` tells where they show, `strands` cuts them
where their level changes, `explain` weighs what each may be (with `encounter`, how it
comes to CN VII), `graph` lets those that go on as each other share their odds, `across`
leads from a vessel's end to what faces it across CN VII, and `gather` puts together
what is a vessel. `empty` tells where none can be.
"""
