"""Courses, tubes and solids with exact distances: what heads are drawn from."""
