"""The notice that every output, view and page carries."""

NOTICE = (
    "Research use only. Not a medical device. "
    "Not for diagnosis or treatment decisions. "
    "A qualified reader must check every measurement on the source images."
)
