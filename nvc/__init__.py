"""NVC Review: facial-nerve neurovascular contact, measured for a human reader."""

from nvc.notice import NOTICE

__version__ = "0.1.0"

__all__ = ["NOTICE", "__version__"]
