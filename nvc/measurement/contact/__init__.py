"""How a vessel lies on CN VII: clock hour, length, area and angle."""
