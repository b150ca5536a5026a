"""From measurement to report: flags, wording and provenance; no files."""

from nvc.report.stage import make_report

__all__ = ["make_report"]
