"""The command behind ./run."""


def main(arguments: list[str]) -> int:
    """Run the command; return the exit status."""
    raise NotImplementedError(arguments)
