"""Public functions say what goes in, what comes out and what they refuse, in sections that numpydoc knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SOURCES = (REPOSITORY / "pipeline" / "cinecast", REPOSITORY / "models" / "cinecast_models")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.ClassDef


def public_functions(scope: Scope, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Yield name and definition of the functions and methods of a module that others may call."""
    for node in scope.body:
        if isinstance(node, Function) and not node.name.startswith("_") and not _is_overload(node):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node, f"{prefix}{node.name}.")


def _is_overload(function: Function) -> bool:
    return any(ast.unparse(decorator).endswith("overload") for decorator in function.decorator_list)


def parameters(function: Function) -> list[str]:
    """Return the names of the parameters, without the first of a method."""
    found = function.args
    every = [*found.posonlyargs, *found.args, *found.kwonlyargs, found.vararg, found.kwarg]
    return [each.arg for each in every if each is not None and each.arg not in ("self", "cls")]


def returned_section(function: Function) -> str | None:
    """Return the section that says what comes out: None where nothing does."""
    text = "" if function.returns is None else ast.unparse(function.returns)
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    if text in ("", "None", "NoReturn", "Never"):
        return None
    generator = re.match(r"(Async)?(Iterator|Generator|Iterable)\b", text) and any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function)
    )
    # What a context manager yields is what its user gets.
    return "Yields" if generator or any("contextmanager" in each for each in decorators) else "Returns"


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body, not those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def missing_sections(function: Function) -> list[str]:
    """Return the sections that a function of two or more parameters should have and lacks."""
    if len(parameters(function)) < 2:
        return []
    text = ast.get_docstring(function) or ""
    wanted = ["Parameters", returned_section(function)]
    if any(isinstance(node, ast.Raise) for node in own_nodes(function)):
        wanted.append("Raises")
    return [name for name in wanted if name and not re.search(rf"^{name}\n-{{{len(name)}}}$", text, re.MULTILINE)]


def undescribed(function: Function) -> list[str]:
    """Return the parameters that the section of parameters, where there is one, does not name."""
    text = ast.get_docstring(function) or ""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w+\n-+$|\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        return []
    entries = re.findall(r"^(\S[^:\n]*)", section[1], re.MULTILINE)
    named = {name.strip().lstrip("*") for entry in entries for name in entry.split(",")}
    return [name for name in parameters(function) if name not in named]


def _modules() -> list[Path]:
    found = sorted(path for source in SOURCES for path in source.rglob("*.py"))
    return [path for path in found if "cli" not in path.parts and path.name != "__main__.py"]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_public_functions_have_the_sections_that_readers_need(path: Path) -> None:
    faults = []
    for name, function in public_functions(ast.parse(path.read_text(encoding="utf-8"))):
        faults += [f"line {function.lineno}, {name}: no section {section}" for section in missing_sections(function)]
        faults += [f"line {function.lineno}, {name}: {each} is not described" for each in undescribed(function)]
    assert not faults, "\n".join(faults)


def _function(text: str) -> Function:
    function = ast.parse(text).body[0]
    assert isinstance(function, Function)
    return function


WHOLE = '''
def f(a: int, b: int) -> int:
    """Add.

    Parameters
    ----------
    a, b
        Numbers.

    Returns
    -------
    Their sum.

    Raises
    ------
    ValueError
        If there is none.
    """
    raise ValueError
'''


@pytest.mark.parametrize("section", ["Parameters", "Returns", "Raises"])
def test_a_missing_section_is_found(section: str) -> None:
    assert missing_sections(_function(WHOLE)) == []
    assert missing_sections(_function(WHOLE.replace(section, "Notes"))) == [section]


def test_a_parameter_without_description_is_found() -> None:
    assert undescribed(_function(WHOLE.replace("a, b\n", "a\n"))) == ["b"]


def test_a_generator_yields() -> None:
    text = "def f(a: int, b: int) -> Iterator[int]:\n    yield a"
    assert missing_sections(_function(text)) == ["Parameters", "Yields"]


def test_a_raise_of_an_inner_function_is_its_own() -> None:
    text = "def f(a: int, b: int) -> None:\n    def g() -> None:\n        raise ValueError\n    g()"
    assert missing_sections(_function(text)) == ["Parameters"]
