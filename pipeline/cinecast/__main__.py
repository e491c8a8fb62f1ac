"""Run the command line as ``python -m cinecast``."""

from cinecast.cli import entry_point

# The worker processes of a batch import this module as well.
if __name__ == "__main__":
    entry_point()
