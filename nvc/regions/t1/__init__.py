"""Regions of a T1: a template head laid over it."""
