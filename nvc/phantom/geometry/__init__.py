"""Courses, tubes and solids with exact distances: what heads are drawn from.

Everything is in head coordinates, mm. `shapes` and `tube` are solids with signed
distances, `courses` lays smooth curves, `closeness` finds where two tubes come
nearest, and `pose` lays the head into a scanner's world. Open `shapes` first.
"""
