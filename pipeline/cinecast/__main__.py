"""Run the command line as ``python -m cinecast``."""

from cinecast.cli import main

main()
