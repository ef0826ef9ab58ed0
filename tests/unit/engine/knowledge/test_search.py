"""The knowledge base finds the path that answers a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.search import KnowledgeBase

HERE = Path(__file__).parent / "search"
PATHS = load_golden_paths(HERE / "paths")
BASE = KnowledgeBase(PATHS)
QUESTIONS: list[dict[str, str]] = YAML(typ="safe").load((HERE / "own.yml").read_text("utf-8"))
TOP_1, TOP_3 = 0.9, 0.97


def found(query: str, **options: Any) -> list[str]:
    return [match.path.id for match in BASE.query_knowledge_base(query=query, **options)]


def test_ranks_the_right_path_first_or_near() -> None:
    answers = [(entry["path"], found(entry["question"])) for entry in QUESTIONS]
    assert len(answers) >= 30
    assert sum(ids[:1] == [path] for path, ids in answers) >= TOP_1 * len(answers)
    assert sum(path in ids for path, ids in answers) >= TOP_3 * len(answers)


def test_scores_descend_between_0_and_1() -> None:
    scores = [match.score for match in BASE.query_knowledge_base(query="invoice of the account", top_k=5)]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_finds_by_meaning_without_shared_words() -> None:
    assert found("mehr Helligkeit") != ["dark-mode"]
    assert found("mehr Helligkeit", similarity={"dark-mode": 0.9, "api-key": 0.2})[0] == "dark-mode"


def test_combines_words_and_meaning() -> None:
    alike = {path.id: 0.5 for path in PATHS}
    assert found("merge duplicate contacts", similarity=alike)[0] == "merge-contacts"


def test_skips_a_removed_path() -> None:
    assert found("anything", similarity={"gone": 1.0, "webhook": 0.9}) == ["webhook"]


@pytest.mark.parametrize("query", ["", "  ", "how do I", "?!", "zzzzqqqq", '"', "a OR b NEAR c*", "title:x"])
def test_meaningless_query_finds_nothing(query: str) -> None:
    assert found(query) == []


@pytest.mark.parametrize("top_k", [0, 1, 2])
def test_limits_the_number_of_results(top_k: int) -> None:
    assert len(found("contacts", top_k=top_k)) == top_k


@given(st.text(max_size=300))
def test_treats_query_syntax_as_text(query: str) -> None:
    found(query)


def test_finds_nothing_without_paths() -> None:
    assert KnowledgeBase([]).query_knowledge_base(query="contacts") == []


def test_formats_results_as_text_and_json() -> None:
    matches = BASE.query_knowledge_base(query="merge contacts", top_k=2)
    assert matches.to_text().startswith("Merge duplicate contacts:\n1. Tick both entries.")
    assert "\n\n" in matches.to_text()
    first = matches[0].as_dict()
    assert (first["path_id"], first["page"]) == ("merge-contacts", "/contacts")
    assert first["steps_text"] == [step["text"] for step in first["steps"]]
    assert first["steps_text"][1] == 'Press "Merge".'
    assert first["steps"][1] == {"id": "s2", "title": "", "text": 'Press "Merge".', "label": None}
    assert first["text"] == matches[0].to_text()


def test_finds_umlauts_and_compound_words() -> None:
    german = GoldenPath.parse_obj(
        {"id": "r", "title": "Rechnungen verschicken", "steps": [{"id": "a", "text": "Öffnen Sie sie."}]}
    )
    base = KnowledgeBase([german, *PATHS])
    for query in ("rechnung verschicken", "Wo finde ich den Rechnungsversand?", "offnen"):
        assert base.query_knowledge_base(query=query)[0].path.id == "r", query


def test_says_which_path_a_question_is_clearly_about() -> None:
    search = HybridSearch(BASE)
    answers = [(entry["path"], search.path_about(entry["question"])) for entry in QUESTIONS]
    right = [path for path, about in answers if about and about.id == path]
    assert len(right) >= 0.85 * len(answers)
    assert [path for path, about in answers if about and about.id != path] == []


@given(st.text(max_size=200))
def test_share_of_words_is_a_share(query: str) -> None:
    assert all(0 <= BASE.share_of_words(query, path.id) <= 1 for path in PATHS[:3])
