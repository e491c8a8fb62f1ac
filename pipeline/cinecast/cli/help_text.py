"""Help texts on the terminal and beside what a shell completes, as they are written."""

from __future__ import annotations

from copy import copy
from typing import Any

from typer.core import HAS_RICH, TyperCommand


class PlainWordsCommand(TyperCommand):
    """A command whose help shows words in brackets: typer takes ``[default: 3]`` for a style, and leaves it out."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        shown = copy(self)
        parameters: list[Any] = [copy(each) for each in self.params]
        shown.help, shown.params = _plain(self.help), parameters
        for each in parameters:
            if hasattr(each, "help"):
                each.help = _plain(each.help)
        super(PlainWordsCommand, shown).format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return what the shell offers for the beginning of a word."""
        found = super().shell_complete(ctx, incomplete)
        for each in found:
            each.help = _plain(each.help)
        return found


def _plain(text: str | None) -> str | None:
    if text is None or not HAS_RICH:
        return text
    from rich.markup import escape

    return escape(text)
