"""What a setting may be, said by the annotation of its field, and the one check of every setting."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from numbers import Integral, Real
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_LONGEST_SHOWN = 200
# Settings are kept in files of TOML, which hold no larger whole numbers: such a file could not be read again.
_BEYOND_64_BITS = 2**63


@dataclass(frozen=True)
class Range:
    """Numbers that a setting may take.

    Parameters
    ----------
    minimum, maximum
        Bounds, both allowed.
    above
        The minimum itself is not allowed.
    below
        The maximum itself is not allowed.
    unit
        What is counted, in the plural, such as pixels.
    remedy
        What to do where a value is refused; empty where the range says it all.
    """

    minimum: float
    maximum: float = math.inf
    above: bool = False
    below: bool = False
    unit: str = ""
    remedy: str = ""

    def __contains__(self, value: float) -> bool:
        excluded = (self.above and value == self.minimum) or (self.below and value == self.maximum)
        return self.minimum <= value <= self.maximum and not excluded

    def __str__(self) -> str:
        if self.maximum == math.inf:
            return f"above {self.minimum:g}" if self.above else f"{self.minimum:g} or more"
        return f"{'above' if self.above else 'from'} {self.minimum:g} to {'below ' * self.below}{self.maximum:g}"

    def of(self, numbers: str) -> str:
        """Return what is in the range: for "a number", "a number of pixels from 0 to 50"."""
        counted = f"{numbers} of {self.unit}" if self.unit else numbers
        return f"{counted}, {self}" if str(self).endswith(" or more") else f"{counted} {self}"


@dataclass(frozen=True)
class FilePath:
    """A setting that names what is read from disk before it is used; empty for nothing.

    Parameters
    ----------
    what
        What it names, in words.
    """

    what: str

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True)
class Rule:
    """Which values one setting takes.

    Parameters
    ----------
    kind
        Type of a value in a word or two, for programs.
    one, many
        What a value must be, and what values are, in words.
    plain
        Returns an allowed value as plain Python; raises ValueError or OverflowError for any other.
    allowed
        Which values of the kind are allowed; empty for all.
    unit
        What numbers count; empty for pure numbers and for texts.
    remedy
        What to do where a value is refused, ``{value}`` standing for it; empty where `one` says it all.
    """

    kind: str
    one: str
    many: str
    plain: Callable[[object], object]
    allowed: str = ""
    unit: str = ""
    remedy: str = ""


def check_settings(settings: object, label: Callable[[str], str], error: type[Exception]) -> None:
    """Hold every setting of a frozen dataclass against its rule, and store it as plain Python.

    Parameters
    ----------
    settings
        The dataclass, from its ``__post_init__``.
    label
        Returns a field's name as the user writes it, such as ``flow.levels``.
    error
        What is raised.

    Raises
    ------
    error
        If a value breaks its rule.
    """
    for name, rule in setting_rules(type(settings)).items():
        value = getattr(settings, name)
        try:
            object.__setattr__(settings, name, rule.plain(value))
        except (ValueError, OverflowError):
            remedy = f"; {rule.remedy.format(value=_shown(value))}" if rule.remedy else ""
            is_open = " to " not in rule.allowed  # else its range says what is too large
            if is_open and isinstance(value, Integral) and int(value) >= _BEYOND_64_BITS:
                remedy = f"; a file of settings holds whole numbers below {_BEYOND_64_BITS}"
            raise error(f"{label(name)} must be {rule.one}, got {_shown(value)}{remedy}") from None


def _shown(value: object) -> str:
    """Return a value for a sentence, its beginning where it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists within lists without end
        return "a value that is too long to show"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}... ({len(text)} characters)"


def setting_rules(settings: type[Any]) -> Mapping[str, Rule]:
    """Return the rule of each setting of a dataclass, by name, in order.

    Settings are numbers with a `Range`, pairs of them, texts, paths, lists of texts and choices (``Literal``). A number
    may allow a few words as well, and each setting None. Fields of other types are none: they hold what was read from
    files, or their class checks them.

    Raises
    ------
    TypeError
        If a number has no range.
    """
    return _RULES(settings)


def _rules_of(settings: Any) -> Mapping[str, Rule]:
    hints = get_type_hints(settings, include_extras=True)
    rules = {field.name: _rule(hints[field.name]) for field in fields(settings)}
    return MappingProxyType({name: rule for name, rule in rules.items() if rule is not None})


# To look at the annotations of a class takes longer than to check its settings.
_RULES: Callable[[Any], Mapping[str, Rule]] = cache(_rules_of)


def _rule(annotation: Any) -> Rule | None:
    hint, notes = annotation, ()
    if get_origin(annotation) is Annotated:
        hint, notes = annotation.__origin__, annotation.__metadata__
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    rule = _rule_of_kind(kinds[0], notes)
    if rule is not None and len(kinds) > 1 and get_origin(kinds[1]) is Literal:
        rule = _or_words(rule, get_args(kinds[1]))
    return _optional(rule) if rule is not None and NoneType in kinds else rule


def _rule_of_kind(kind: Any, notes: tuple[Any, ...]) -> Rule | None:
    if kind is int or kind is float:
        return _number_rule(kind, _range_among(notes, kind))
    if kind == tuple[float, float]:
        return _pair_rule(_range_among(notes, kind))
    if kind is str:
        path = next((note for note in notes if isinstance(note, FilePath)), None)
        return _TEXT if path is None else _path_rule(path)
    if get_origin(kind) is Literal:
        return _choice_rule(get_args(kind))
    return _TEXTS if kind == tuple[str, ...] else None


def _range_among(notes: tuple[Any, ...], kind: Any) -> Range:
    for note in notes:
        if isinstance(note, Range):
            return note
    raise TypeError(f"a setting that is a number must have a Range, got {kind}; annotate it with one")


def _optional(rule: Rule) -> Rule:
    return replace(rule, plain=lambda value: None if value is None else rule.plain(value))


def _or_words(rule: Rule, words: tuple[str, ...]) -> Rule:
    """Return a rule that allows a few words as well, such as ``"auto"`` for a number."""

    def plain(value: object) -> object:
        return str(value) if isinstance(value, str) and value in words else rule.plain(value)

    also = f", or {', '.join(words)}"
    return replace(rule, one=rule.one + also, many=rule.many + also, allowed=rule.allowed + also, plain=plain)


def _number_rule(kind: type[int] | type[float], allowed: Range) -> Rule:
    one, many = ("a whole number", "whole numbers") if kind is int else ("a number", "numbers")

    def plain(value: object) -> object:
        return _number(kind, allowed, value)

    return Rule(kind.__name__, allowed.of(one), allowed.of(many), plain, str(allowed), allowed.unit, allowed.remedy)


def _number(kind: type[int] | type[float], allowed: Range, value: object) -> int | float:
    """Return a number as plain Python; those of numpy, and whole numbers for real ones, are welcome."""
    if not isinstance(value, bool):
        if kind is int and isinstance(value, Integral) and int(value) in allowed and int(value) < _BEYOND_64_BITS:
            return int(value)
        if kind is float and isinstance(value, Real) and math.isfinite(value) and float(value) in allowed:
            return float(value)
    raise ValueError


def _pair_rule(allowed: Range) -> Rule:
    def plain(value: object) -> object:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise ValueError
        return tuple(_number(float, allowed, each) for each in value)

    one, many = allowed.of("a list of two numbers"), allowed.of("two numbers")
    return Rule("list of two float", one, many, plain, str(allowed), allowed.unit, allowed.remedy)


def _choice_rule(choices: tuple[str, ...]) -> Rule:
    def plain(value: object) -> object:
        if not isinstance(value, str) or value not in choices:
            raise ValueError
        return str(value)

    listed = ", ".join(choices)
    return Rule("choice", f"one of {listed}", f"one of {listed}", plain, listed, remedy="choose one of these")


def _path_rule(path: FilePath) -> Rule:
    def plain(value: object) -> object:
        if not isinstance(value, str | os.PathLike):
            raise ValueError
        return os.fspath(value)

    return Rule("str", path.what, path.what, plain, path.what, remedy='write it as "{value}"')


def _text(value: object) -> str:
    """Return a text; a whole number stands for its digits: a horizon of 3, series 7."""
    if isinstance(value, str) or type(value) is int:
        return str(value)
    raise ValueError


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(_text(each) for each in value)


_TEXT = Rule("str", "a text", "texts", _text)
_TEXTS = Rule("list of str", 'a list of texts such as ["one", "two"]', "a list of texts", _texts)
