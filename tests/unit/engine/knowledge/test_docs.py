"""The golden paths in the documentation are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rasa_autoplay.engine.knowledge.golden_path import EMBEDDED_PROVIDER, FLOW_PROVIDERS, load_golden_paths
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.events.models import SlimAction

DOCS = Path(__file__).parents[4] / "docs"
TOURS = (DOCS / "tours.md").read_text("utf-8")
MEMORY = (DOCS / "memory.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", TOURS + MEMORY, re.MULTILINE | re.DOTALL)
PATHS = [snippet for snippet in SNIPPETS if snippet.startswith("id: ")]


def test_pages_contain_examples() -> None:
    assert len(SNIPPETS) == (TOURS + MEMORY).count("```yaml")
    assert len(PATHS) > TOURS.count("```yaml") > 1


@pytest.mark.parametrize("snippet", PATHS)
def test_each_documented_golden_path_makes_a_tour(tmp_path: Path, snippet: str) -> None:
    (tmp_path / "path.yml").write_text(snippet, "utf-8")
    (path,) = load_golden_paths(tmp_path)
    assert TourCatalogue([path]).resolve(path.id)


def test_example_with_ways_does_what_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "path.yml").write_text(next(each for each in PATHS if "any:" in each), "utf-8")
    (path,) = load_golden_paths(tmp_path)
    tracker = PathTracker([path])
    for shared in (("Click Share", "toolbar-share"), ("Click Share…", ""), ("Press Ctrl+Shift+S", "")):
        acts = [("", "file-1"), shared, ("", "file-2"), ("", "file-1"), ("", "file-1"), ("Click", "send")]
        evidence: EvidenceByPath = {}
        for at, (title, element_id) in enumerate(acts):
            url = "https://app.example.com/files"
            tracker.record(
                SlimAction(title, "", url, at, "click", float(at), element_id=element_id), evidence
            )
        (attempt,) = tracker.attempts(path.id, evidence)
        assert attempt.completed
        assert attempt.done.keys() == {0, 1, 2}
        assert attempt.repeated == {}


def test_table_lists_every_provider() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TOURS, re.MULTILINE)) == {EMBEDDED_PROVIDER, *FLOW_PROVIDERS}
