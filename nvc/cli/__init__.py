"""The ``nvc`` command."""


def main() -> None:
    """Run the command."""
