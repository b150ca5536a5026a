"""The values that flow between the stages; none of them knows a file."""
