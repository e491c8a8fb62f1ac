"""The site of the docs, for Sphinx: ``make docs`` builds it from the pages of this repository, without a network.

The source folder is the repository itself, so that one relative link holds on the site and between plain files.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from myst_parser.sphinx_ import Parser as MystParser
from pygments.lexers.special import TextLexer

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent / source) for source in ("pipeline", "models")]

from cinecast.version import __version__  # noqa: E402  # found by the line above

project, release = "cinecast", __version__
project_copyright = "the developers of cinecast"
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
root_doc = "docs/index"
include_patterns = ["CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md", "data/*.md", "reports/*.md", "examples/*.ipynb"]
exclude_patterns = [".*", "build", "demo", "dist", "run"]
source_suffix = {".md": "markdown", ".ipynb": "notebook"}
myst_heading_anchors = 4
smartquotes = False  # they make one dash of the two of an option
suppress_warnings = ["myst.header"]  # reports begin some sections a level further down
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc shows the types that a docstring gives; the signature of a file reader is long
numpydoc_show_class_members = False
highlight_language = "none"  # blocks without a language are commands and files

html_title = "cinecast"
html_theme = "pydata_sphinx_theme"
html_static_path = ["site"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_sidebars = {"docs/index": []}
html_theme_options = {
    "navbar_align": "left",
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


class NotebookParser(MystParser):
    """Reads a notebook as a page: its text, and its code as blocks of Python."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: Any) -> None:
        """Parse the cells of a notebook, which are kept without outputs."""
        cells = ((cell["cell_type"], "".join(cell["source"])) for cell in json.loads(inputstring)["cells"])
        parts = [text if kind == "markdown" else f"```python\n{text}\n```" for kind, text in cells]
        super().parse("\n\n".join(parts) + "\n", document)


def _diagram_as_table(text: str) -> str:
    """Return a page with its diagram of imports as a table: a site without a network draws no Mermaid."""
    found = re.search(r"```mermaid\n(.*?)```", text, re.DOTALL)
    if found is None:
        return text
    imports: dict[str, list[str]] = {}
    for upper, lower in re.findall(r"(\w+) --> (\w+)", found[1]):
        imports.setdefault(upper, []).append(f"`{lower}`")
    rows = [f"| `{upper}` | {', '.join(lower)} |" for upper, lower in imports.items()]
    return text.replace(found[0], "\n".join(["| package | imports |", "|---|---|", *rows]) + "\n")


def _change_source(_app: Any, name: str, source: list[str]) -> None:
    if name == "docs/architecture":
        source[0] = _diagram_as_table(source[0])


def _lead_to_the_first_page(app: Any, fault: Exception | None) -> None:
    if fault is None and app.builder.name == "html":
        page = '<!DOCTYPE html><meta charset="utf-8"><title>cinecast</title>'
        page += '<meta http-equiv="refresh" content="0; url=docs/index.html"><a href="docs/index.html">cinecast</a>\n'
        (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def setup(app: Any) -> None:
    """Add what this site needs to Sphinx."""
    app.add_source_parser(NotebookParser)
    app.add_lexer("mermaid", TextLexer)
    app.connect("source-read", _change_source)
    app.connect("build-finished", _lead_to_the_first_page)
