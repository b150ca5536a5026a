"""Vessels without flow signal: dark tubes in the cistern, judged against nerves."""
