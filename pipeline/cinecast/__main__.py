"""Run the command line as ``python -m cinecast``."""

from cinecast.cli import main

# The worker processes of a batch import this module as well.
if __name__ == "__main__":
    main()
