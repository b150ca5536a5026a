"""From measurement to report: flags, wording and provenance; no files.

In comes a `Measurement` in RAS mm, out goes a `Report` without arrays. Open `stage`
first. `flags` and `grades` derive what is concluded from what was measured,
`comparison` sets the sides against each other, and `wording` holds every sentence
that rests on the literature.
"""

from nvc.report.stage import make_report

__all__ = ["make_report"]
