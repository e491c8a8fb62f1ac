"""The command line."""

from __future__ import annotations

import logging
import sys

from cinecast_models import ForecastingError
from rich.logging import RichHandler

from cinecast.cli.app import app
from cinecast.cli.console import errors
from cinecast.errors import CinecastError

__all__ = ["main"]

USER_ERROR = 2


def main() -> None:
    """Run the command line; a user's mistake prints one sentence and exits with code 2."""
    handler = RichHandler(console=errors, show_time=False, show_path=False, markup=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    try:
        app()
    except (CinecastError, ForecastingError) as error:
        errors.print(f"cinecast: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(USER_ERROR)
