"""Vessels without flow signal: dark tubes in the cistern, judged against nerves.

In come the searched part of the reference (`SearchedBox`), CN VII and what is known
already; out go `DarkTube`s that are, or may be, vessels. Open `judge` for what makes a
vessel, `search` for the order of things: it follows dark ridges, `track` tells where
they show, `judge` cuts and judges them by signal and by how they pass CN VII
(`by_nerve`), and `grow` adds what goes on from them.
"""
