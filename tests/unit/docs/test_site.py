"""The documentation builds strictly as a site, its links resolve, and it needs no other host."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mkdocs
import pytest
from ruamel.yaml import YAML
from support.processes import ROOT

#: Pages outside docs/, each with its address on the site.
ROOT_PAGES: dict[str, str] = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text("utf-8"))["extra"][
    "root_pages"
]
#: The build's inputs.
_SOURCES = ("docs", "mkdocs.yml", "scripts/docs_site.py", *ROOT_PAGES)
#: Link targets besides pages.
_LINKED = (
    *("LICENSE", "README.md", "data", "domain.yml", "example_bot", "rasa_autoplay", "tests"),
    *(str(page.parent.relative_to(ROOT)) for page in sorted(ROOT.glob("benchmarks/*/README.md"))),
)
#: Broken links, each with the text that the build must report.
_LOST = {
    "[lost](rules.md#no-such-heading)": "no-such-heading",
    "[lost](no-such-page.md)": "no-such-page.md",
    "[lost](../rasa_autoplay/no_such_module.py)": "no_such_module.py",
    "![lost](pictures/no-such-picture.png)": "no-such-picture.png",
}
#: Attributes that make the browser fetch something.
_FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
#: Links that state a relation without fetching it.
_NOT_FETCHED = {"next", "prev", "canonical", "alternate"}


@dataclass
class _Page(HTMLParser):
    """The content of one built page."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in _FETCHED and _FETCHED[tag] in found and found.get("rel") not in _NOT_FETCHED:
            self.fetched.append(found[_FETCHED[tag]])


def _build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", mkdocs.__name__, "build", "--strict", "--site-dir", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = _build(ROOT, folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    """The site's pages, except for the example of an app's page, which is tested elsewhere."""
    found = {}
    for file in sorted(set(site.rglob("*.html")) - set((site / "first-toast").rglob("*"))):
        found[file] = _Page()
        found[file].feed(file.read_text("utf-8"))
    return found


def test_site_contains_every_page_of_the_repository(site: Path) -> None:
    written = {page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")}
    expected = {page.with_suffix(".html") for page in written} | {
        Path(name).with_suffix(".html") for name in ROOT_PAGES.values()
    }
    expected = {page.with_name("index.html") if page.stem == "README" else page for page in expected}
    assert expected <= {file.relative_to(site) for file in site.rglob("*.html")}


def test_links_and_anchors_resolve(pages: dict[Path, _Page]) -> None:
    lost = []
    for file, page in pages.items():
        for link in [*page.links, *page.fetched]:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            known = pages[target].ids if target in pages else set()
            if not target.exists() or (
                parts.fragment and target in pages and unquote(parts.fragment) not in known
            ):
                # The error page is served from any folder, so its links are absolute.
                lost += [f"{file.name}: {link}"] if file.name != "404.html" else []
    assert lost == []


def test_site_loads_nothing_from_other_hosts(site: Path, pages: dict[Path, _Page]) -> None:
    asked = {address for page in pages.values() for address in page.fetched}
    for style in site.rglob("*.css"):
        asked |= set(re.findall(r"(?:url\(|@import )[\"']?([^\"')\s;]+)", style.read_text("utf-8")))
    assert [address for address in sorted(asked) if address.startswith(("http:", "https:", "//"))] == []


def test_search_index_contains_every_page(site: Path, pages: dict[Path, _Page]) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    known = {urlsplit(entry["location"]).path or "index.html" for entry in index["docs"]}
    known = {f"{name}index.html" if name.endswith("/") else name for name in known}
    built = {file.relative_to(site).as_posix() for file in pages if file.name != "404.html"}
    assert built <= known


def test_broken_links_fail_the_build(tmp_path: Path) -> None:
    for name in _SOURCES:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target)
    for name in _LINKED:
        (tmp_path / name).symlink_to(ROOT / name)
    page = tmp_path / "docs" / "start.md"
    page.write_text(page.read_text("utf-8") + "".join(f"\n{link}\n" for link in _LOST), "utf-8")
    built = _build(tmp_path, tmp_path / "site")
    said = built.stdout + built.stderr
    assert built.returncode != 0
    assert f"{len(_LOST)} warnings" in said, said
    assert [target for target in _LOST.values() if target not in said] == []
