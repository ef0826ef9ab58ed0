"""The golden paths in the documentation are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rasa_autoplay.engine.knowledge.golden_path import EMBEDDED_PROVIDER, FLOW_PROVIDERS, load_golden_paths
from rasa_autoplay.engine.tours.catalogue import TourCatalogue

DOCS = Path(__file__).parents[4] / "docs"
TOURS = (DOCS / "tours.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", TOURS, re.MULTILINE | re.DOTALL)


def test_page_contains_examples() -> None:
    assert len(SNIPPETS) == TOURS.count("```yaml") > 1


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_each_documented_golden_path_makes_a_tour(tmp_path: Path, snippet: str) -> None:
    (tmp_path / "path.yml").write_text(snippet, "utf-8")
    (path,) = load_golden_paths(tmp_path)
    assert TourCatalogue([path]).resolve(path.id)


def test_table_lists_every_provider() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TOURS, re.MULTILINE)) == {EMBEDDED_PROVIDER, *FLOW_PROVIDERS}
