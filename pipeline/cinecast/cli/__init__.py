"""The command line."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import typer

from cinecast.cli.app import app
from cinecast.cli.console import ConsoleHandler, part_error_stream, say_error
from cinecast.cli.exit_codes import INTERRUPTED, PROGRAM_FAULT, USER_ERROR
from cinecast.cli.plain_characters import allow_any_character
from cinecast.cli.process_end import end_process
from cinecast.errors import CinecastError
from cinecast.garbage_collection import collect_rarely
from cinecast.single_thread import begin_with_one_thread
from cinecast_models import ForecastingError

__all__ = ["entry_point", "main"]

# The class has no public name of its own.
_UsageError: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError")


def entry_point() -> None:
    """Run the command line as `main` does, and end this process with its exit code."""
    begin_with_one_thread()
    collect_rarely()
    try:
        main()
    except SystemExit as ending:
        if isinstance(ending.code, int):
            end_process(ending.code)
        raise


def main() -> None:
    """Run the command line; a user's mistake prints one sentence and exits with code 2.

    What nobody foresaw prints one sentence as well, and exits with code 1; its traceback goes into a file.
    """
    part_error_stream()
    allow_any_character()
    logging.basicConfig(level=logging.WARNING, handlers=[ConsoleHandler()])
    try:
        code = app(prog_name="cinecast", standalone_mode=False)
    except (CinecastError, ForecastingError) as error:
        say_error(str(error))
        sys.exit(USER_ERROR)
    except _UsageError as error:
        _explain_usage(error)
        sys.exit(USER_ERROR)
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except Exception as error:
        _explain_fault(error)
    if code == INTERRUPTED:
        say_error("interrupted; what is finished is kept")
    sys.exit(code or 0)


def _explain_fault(error: Exception) -> NoReturn:
    from cinecast.cli.fault_log import fault_sentence
    from cinecast.store.disk_errors import FULL

    if isinstance(error, OSError) and error.errno in FULL:  # faults of the disk of results have sentences of their own
        say_error(f"there must be room for what is printed, got {error.strerror}; make some, or direct it elsewhere")
        sys.exit(USER_ERROR)
    say_error(fault_sentence(error))
    sys.exit(PROGRAM_FAULT)


def _explain_usage(error: Exception) -> None:
    message = error.format_message()  # type: ignore[attr-defined]
    command = getattr(getattr(error, "ctx", None), "command_path", "cinecast")
    if message:  # without any argument the help itself was printed
        say_error(f"{message.rstrip('.')}; see '{command} --help'")
