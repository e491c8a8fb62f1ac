"""Help texts on the terminal, as they are written."""

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


def _plain(text: str | None) -> str | None:
    if text is None or not HAS_RICH:
        return text
    from rich.markup import escape

    return escape(text)
