"""The docs are a site that builds without a warning, loads nothing from elsewhere, and names all that is public."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import cinecast
import cinecast_models
from helpers.command_line import ROOT, environment

PAGES = sorted((ROOT / "docs").glob("*.md"))


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "-c", str(ROOT / "docs")]
    command += ["-d", str(out / "trees"), str(source), str(out / "site")]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=1200, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; a missing page, link, picture or reference is an error."""
    out = tmp_path_factory.mktemp("docs")
    done = build(ROOT, out)
    assert (done.returncode, done.stderr) == (0, "")
    return out / "site"


def test_every_page_is_there(site: Path) -> None:
    assert len(PAGES) > 30
    assert [page.stem for page in PAGES if not (site / "docs" / f"{page.stem}.html").is_file()] == []
    assert len(list((site / "examples").glob("*.html"))) == 3


def test_links_between_pages_lead_to_pages_of_the_site(site: Path) -> None:
    broken = []
    for page in site.rglob("*.html"):
        for link in re.findall(r'<a [^>]*href="([^"]+)"', page.read_text(encoding="utf-8")):
            address = urlsplit(link)
            if not address.scheme and address.path and not (page.parent / unquote(address.path)).exists():
                broken.append((page.name, link))
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//[^"]*"', text) == []
        assert re.findall(r'<link[^>]* rel="stylesheet"[^>]* href="(?:https?:)?//[^"]*"', text) == []
    for style in site.rglob("*.css"):
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", style.read_text(encoding="utf-8")) == []


def test_options_keep_their_two_dashes(site: Path) -> None:
    page = (site / "docs" / "commands.html").read_text(encoding="utf-8")
    assert "unless --settings or --preset is given" in page


def test_readme_leads_to_sections_that_exist(site: Path) -> None:
    """README itself is no page of the site, so the build does not check its links."""
    links = re.findall(r"\]\((docs/\w+)\.md#([\w-]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    for page, section in links:
        assert f'id="{section}"' in (site / f"{page}.html").read_text(encoding="utf-8"), (page, section)


def test_the_first_page_leads_to_the_index(site: Path) -> None:
    (address,) = re.findall(r"url=([^\"]+)", (site / "index.html").read_text(encoding="utf-8"))
    assert (site / address).is_file()


@pytest.mark.parametrize("package", [cinecast, cinecast_models])
def test_all_that_is_public_is_in_the_reference(site: Path, package: object) -> None:
    name = package.__name__  # type: ignore[attr-defined]
    page = (site / "docs" / "python_reference.html").read_text(encoding="utf-8")
    public = {each for each in package.__all__ if not each.startswith("_")}  # type: ignore[attr-defined]
    described = set(re.findall(rf'id="{name}\.(\w+)"', page))
    assert public - described <= {"FilePath", "METHODS", "Protocol"}  # a marker, the registry's dictionary, a type


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Docs\n\n[there](nowhere.md)\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "out")
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_hold_between_plain_files(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL).replace("\n", " ")
    links = [link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text)]
    assert [link for link in links if link and not (page.parent / link).is_file()] == []
