"""How a scanner pictures a head: `signals` by physics, `paint` finely, `scanner`."""
