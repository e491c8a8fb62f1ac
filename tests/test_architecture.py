"""The house is what docs/architecture.md says: its picture is the code's, and imports fall one way."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

from cinecast.run.scope import STAGES
from cinecast.settings import Settings
from cinecast.version import __version__

REPOSITORY = Path(__file__).parents[1]


def _load_script() -> ModuleType:
    path = REPOSITORY / "docs" / "make_architecture.py"
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification
    assert specification.loader
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    return script


architecture = _load_script()
MODULES: dict[str, Path] = architecture.modules()
IMPORTS: dict[str, set[str]] = architecture.module_imports()


def test_the_picture_is_that_of_the_code() -> None:
    page = architecture.PAGE.read_text(encoding="utf-8")
    assert page == architecture.page_with(architecture.drawn()), "run python docs/make_architecture.py"


def test_another_picture_would_be_noticed() -> None:
    page = architecture.PAGE.read_text(encoding="utf-8")
    assert page != architecture.page_with(architecture.drawn().replace("cli --> reproduce", "reproduce --> cli"))


def test_an_arrow_that_a_longer_way_says_is_left_out() -> None:
    graph = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
    assert architecture.without_shortcuts(graph) == {"a": {"b"}, "b": {"c"}, "c": set()}


def upward_imports(graph: dict[str, set[str]]) -> list[str]:
    """Return the imports that do not fall from one layer to a lower one."""
    depth = {name: number for number, layer in enumerate(architecture.LAYERS) for name in layer}
    return [f"{start} imports {end}" for start in graph for end in graph[start] if depth[end] <= depth[start]]


def test_imports_fall_one_way() -> None:
    graph = architecture.room_imports()
    assert set(graph) == {name for layer in architecture.LAYERS for name in layer}
    assert upward_imports(graph) == []


@pytest.mark.parametrize(("start", "end"), [("flow", "motion"), ("batch", "series"), ("cinecast_models", "ground")])
def test_an_import_upwards_or_aside_would_be_noticed(start: str, end: str) -> None:
    assert upward_imports({start: {end}}) == [f"{start} imports {end}"]


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as circle:
        pytest.fail(f"modules import each other: {' -> '.join(circle.args[1])}")


def test_nothing_is_imported_through_the_application_itself() -> None:
    assert [module for module, imported in IMPORTS.items() if "cinecast" in imported] == []


def test_no_module_imports_the_package_that_it_lies_in() -> None:
    own = [
        (module, imported) for module in IMPORTS for imported in IMPORTS[module] if module.startswith(f"{imported}.")
    ]
    assert own == []


def test_few_modules_are_loose() -> None:
    for package, most in (("cinecast", 12), ("cinecast_models", 19)):
        top = MODULES[package].parent
        loose = [path.stem for path in top.glob("*.py") if path.stem not in ("__init__", "__main__")]
        assert len(loose) <= most, loose


def test_a_stage_is_a_folder_in_the_code_a_folder_in_a_run_and_a_table_of_settings() -> None:
    packages = tuple(name for name in STAGES if MODULES[f"cinecast.{name}"].name == "__init__.py")
    assert packages == STAGES == architecture.STAGES
    assert tuple(Settings.__dataclass_fields__) == STAGES


# What opens, reads or writes files. `save` and `load` are numpy's only: others have them for other things.
_FILE_CALLS = re.compile(
    r"open|(read|write)_(text|bytes|table|numbers)|np\.(save|load|savez|memmap)|mkdir|unlink|rmtree|rename|fsync|touch"
    r"|iterdir|glob|rglob|scandir|savefig|TemporaryDirectory"
)
# The report reads the scripts and styles that are part of the program; compiled code is named after the files it is of;
# the laws write states into memory, as a file has them.
_EXCEPT = {"cinecast.report.render", "cinecast_models.compiled.functions", "cinecast_models.check.laws"}
# Of the models, the files of trained populations.
_MODEL_FILES = "cinecast_models.population.file"


def file_calls(tree: ast.Module) -> Iterator[str]:
    """Yield the calls in a module that touch the disk."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if _FILE_CALLS.fullmatch(called) or _FILE_CALLS.fullmatch(called.rpartition(".")[2]):
                yield f"line {node.lineno}: {called}"


def _pure_modules() -> list[str]:
    rooms = {*STAGES, "cinecast_models", "ground"} - {"frames"}
    return [each for each in MODULES if architecture.room(each) in rooms and each not in {*_EXCEPT, _MODEL_FILES}]


@pytest.mark.parametrize("module", _pure_modules())
def test_stages_after_the_readers_and_models_touch_no_disk(module: str) -> None:
    assert list(file_calls(ast.parse(MODULES[module].read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("module", ["cinecast.store.tables", "cinecast.frames.npz_archive", _MODEL_FILES])
def test_a_module_that_touches_the_disk_would_be_noticed(module: str) -> None:
    assert list(file_calls(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


def test_the_citation_names_this_version() -> None:
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [__version__]


def test_paths_in_the_papers_of_the_house_exist() -> None:
    for page in ("docs/architecture.md", "CONTRIBUTING.md"):
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        named = re.findall(r"`((?:pipeline|models|tests|docs|reports|data|\.ci)/[\w./-]+)`", text)
        assert named
        to_be_chosen = re.compile("NAME|FAMILY")
        assert [path for path in named if not to_be_chosen.search(path) and not (REPOSITORY / path).exists()] == []
        links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
        assert [link for link in links if not (REPOSITORY / page).parent.joinpath(link).exists()] == []


def test_names_in_the_papers_of_the_house_stand_where_they_say() -> None:
    """A constant that a page says to be "in" or "of" a module is one of its own."""
    sources = [path for root in ("pipeline", "models", "tests") for path in (REPOSITORY / root).rglob("*.py")]
    for page in ("docs/architecture.md", "CONTRIBUTING.md"):
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        named = re.findall(r"`([A-Z][A-Z_]+)`(?: and `[A-Z_]+`)? (?:in|of) `([\w/.]+\.py)`", text)
        assert named
        for name, module in named:
            found = [path for path in sources if path.as_posix().endswith(f"/{module}")]
            assert any(re.search(rf"^{name}\b", path.read_text(encoding="utf-8"), re.MULTILINE) for path in found), name
