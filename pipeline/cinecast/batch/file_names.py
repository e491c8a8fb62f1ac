"""What a batch keeps and mails must not name a patient's files: a file is the 50th of 120 instead."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cinecast.batch.job import Outcome

_NAME = re.compile(r"[^\s/\\'\",;:()\[\]]+")
# A shorter name that is a number is likelier to be one that counts something, and tells nothing of anybody.
_SHORTEST_NUMBER = 5


def without_file_names(outcome: Outcome, source: Path) -> Outcome:
    """Return an outcome whose sentences count the files of a folder where they named them.

    Parameters
    ----------
    outcome
        How a task of a sequence ended.
    source
        What the sequence is read from; the name of a single file is that of the sequence, and stays.

    Returns
    -------
    Outcome
        The same, but for its reason and its log.
    """
    if not outcome.reason and not outcome.log:
        return outcome
    hide = _hider(source)
    log = tuple(line._replace(text=hide(line.text)) for line in outcome.log)
    return replace(outcome, reason=hide(outcome.reason), log=log)


def _hider(source: Path) -> Callable[[str], str]:
    try:
        names = sorted(name for name in os.listdir(source) if not name.startswith("."))
    except OSError:  # a single file, or a folder that is gone
        return lambda text: text
    counted = {name: f"file {number} of {len(names)}" for number, name in enumerate(names, 1) if _tells(name)}
    spaced = sorted((name for name in counted if not _NAME.fullmatch(name)), key=len, reverse=True)

    def hide(text: str) -> str:
        for name in spaced:
            text = text.replace(name, counted[name])
        return _NAME.sub(lambda found: _counted(found[0], counted), text)

    return hide


def _counted(word: str, counted: dict[str, str]) -> str:
    """Return what stands for a word of a sentence, whose end may be a full stop."""
    if word in counted:
        return counted[word]
    bare = word.rstrip(".")
    return counted[bare] + word[len(bare) :] if bare in counted else word


def _tells(name: str) -> bool:
    return not name.isdecimal() or len(name) >= _SHORTEST_NUMBER
