"""The picture and the layers in architecture.md, drawn from the imports of the code.

    python docs/make_architecture.py

writes them into the page again; tests/test_architecture.py fails while they differ.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from functools import cache
from itertools import takewhile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "architecture.md"
SOURCES = (DOCS.parent / "pipeline", DOCS.parent / "models")
APPLICATION, MODELS, GROUND = "cinecast", "cinecast_models", "ground"
STAGES = ("frames", "flow", "motion", "forecast", "warp", "landmarks", "target", "score", "report")
# From the top; rooms of one layer know nothing of each other.
LAYERS = (
    ("cli",),
    ("reproduce",),
    ("tuning",),
    ("trackrad",),
    ("batch", "export", "live", "phantom", "series", "viewer", "workbench"),
    ("run",),
    ("figures", "store"),
    *((stage,) for stage in reversed(STAGES)),
    ("settings", "streams"),
    (GROUND,),
    ("clock",),
    (MODELS,),
)
START, END = "<!-- drawn by make_architecture.py -->", "<!-- end of what is drawn -->"

Graph = Mapping[str, Set[str]]


@cache
def modules() -> Mapping[str, Path]:
    """Return the file of every module of both packages by its full name; a package is its ``__init__``."""
    found = {}
    for source in SOURCES:
        for path in sorted(source.rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def module_imports() -> Mapping[str, set[str]]:
    """Return the modules of both packages that each module imports anywhere: in functions and for types too."""
    known = modules()
    found = {}
    for name, path in known.items():
        named = {_known(each, known) for each in _imported_names(ast.parse(path.read_text(encoding="utf-8")))}
        found[name] = {each for each in named if each and each != name}
    return found


def _imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _known(name: str, known: Mapping[str, Path]) -> str:
    """Return the module that an imported name is, or is in; empty where it is none of ours."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


def room(module: str) -> str:
    """Return the room of a module: its package, `GROUND` for loose modules; empty for the doors of the application."""
    first, *rest = module.split(".")
    if first == MODELS:
        return MODELS
    if not rest or rest[0] == "__main__":
        return ""
    own = modules()[f"{APPLICATION}.{rest[0]}"]
    return rest[0] if own.name == "__init__.py" else GROUND


def room_imports() -> dict[str, set[str]]:
    """Return the rooms that each room imports."""
    found: dict[str, set[str]] = {}
    rooms = {module: room(module) for module in modules()}
    for module, imported in module_imports().items():
        own = rooms[module]
        if own:
            found.setdefault(own, set()).update({rooms[each] for each in imported} - {own, ""})
    return found


def without_shortcuts(graph: Graph) -> dict[str, set[str]]:
    """Return a graph without the arrows that go where a longer way goes too."""
    return {
        start: {end for end in ends if not any(end in _reached(graph, other) for other in ends - {end})}
        for start, ends in graph.items()
    }


def _reached(graph: Graph, start: str) -> set[str]:
    waiting, found = [start], set[str]()
    while waiting:
        for each in graph.get(waiting.pop(), set()) - found:
            found.add(each)
            waiting.append(each)
    return found


def picture() -> str:
    """Return the rooms and their imports as a Mermaid graph."""
    order = [name for layer in LAYERS for name in layer]
    graph = without_shortcuts(room_imports())
    lines = ["graph TD", "  subgraph stages"]
    lines += [f"    {name}" for name in order if name in STAGES]
    lines += ["  end"]
    lines += [f"  {start} --> {end}" for start in order for end in order if end in graph.get(start, set())]
    return "\n".join(lines)


def drawn() -> str:
    """Return what stands between the markers of the page."""
    loose = sorted(module.removeprefix("cinecast.") for module in modules() if room(module) == GROUND)
    layers = " > ".join(", ".join(f"`{name}`" for name in layer) for layer in LAYERS)
    return (
        f"```mermaid\n{picture()}\n```\n\nLayers, from the top: {layers}.\n\n"
        f"`{GROUND}` stands for the loose modules: {', '.join(f'`{name}`' for name in loose)}."
    )


def page_with(text: str) -> str:
    """Return the page with a text between its markers."""
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    before = list(takewhile(lambda line: line != START, lines))
    after = lines[lines.index(END) :]
    return "\n".join([*before, START, text, *after])


if __name__ == "__main__":
    PAGE.write_text(page_with(drawn()), encoding="utf-8")
