"""Print a constraint for pip for each requirement of a project: exactly the lowest version that it declares.

python .ci/lowest.py pyproject.toml .ci/constraints.txt > lowest.txt

Packages that the second file pins keep their pin: their declared minimum is not tried.
"""

from __future__ import annotations

import re
import sys
import tomllib
from itertools import chain
from pathlib import Path


def declared(pyproject: Path) -> list[str]:
    """Return all requirements of a project: to build it, to run it, and of its extras."""
    settings = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    project = settings["project"]
    extras = chain.from_iterable(project.get("optional-dependencies", {}).values())
    return [*settings["build-system"]["requires"], *project["dependencies"], *extras]


def lowest(requirement: str) -> tuple[str, str]:
    """Return a requirement's package, in lower case, and the constraint that holds it to its lowest version."""
    matched = re.fullmatch(r"([\w.-]+)>=([\w.]+)", requirement)
    if matched is None:
        sys.exit(f"A requirement needs one lower bound, got {requirement!r}; write it as name>=version.")
    return matched[1].lower(), f"{matched[1]}=={matched[2]}"


def main() -> None:
    """Print the constraints, one a line, by package."""
    pyproject, constraints = map(Path, sys.argv[1:])
    pinned = {line.partition("==")[0].lower(): line for line in constraints.read_text(encoding="utf-8").split()}
    print("\n".join(sorted((dict(map(lowest, declared(pyproject))) | pinned).values())))


if __name__ == "__main__":
    main()
