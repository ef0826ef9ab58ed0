"""A language model may word a proposal's texts, as long as it claims no more than they do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.language_model import LanguageModelServer, Mood
from support.run import asynchronous
from support.slow_paths import a_finding, a_project, discovered, recorded_days

from rasa_autoplay.settings.llm import LlmSettings
from rasa_autoplay.tools.discovery.evidence.model_words import worded
from rasa_autoplay.tools.discovery.evidence.prepared import prepare
from rasa_autoplay.tools.discovery.evidence.words import Sober, Words

_QUESTION = "Would you like to see how “Bulk edit” saves you repeating “Save changes”?"
_TOOLTIPS = {"bulk-edit": "Press {label}.", "apply-to-all": "Press {label}."}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")


@asynccontextmanager
async def _model(mood: Mood = "good", words: str | None = None) -> AsyncIterator[LanguageModelServer]:
    server = LanguageModelServer(slow_s=30)
    server.mood, server.words = mood, words
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def _ask(server: LanguageModelServer, folder: Path, timeout: str = "5s") -> Words | None:
    proposal = prepare(a_finding(), a_project(folder), "en")
    llm = LlmSettings.parse_obj({"model": "m", "base_url": server.base_url, "timeout": timeout})
    (words,) = await asyncio.to_thread(worded, llm, [Sober(proposal.question, proposal.content)])
    return words


def _says(question: str) -> str:
    texts = {"toast-question": question, **_TOOLTIPS}
    return json.dumps({"steps": [{"id": key, "sentence": text} for key, text in texts.items()]})


@pytest.mark.parametrize("mood", ["good", "without_schema", "without_formats", "deaf"])
@asynchronous
async def test_rewords_the_question_and_the_tooltips(mood: Mood, tmp_path: Path) -> None:
    async with _model(mood) as server:
        words = await _ask(server, tmp_path)

    assert words is not None
    assert words.question == f"Now: {_QUESTION}"
    assert words.tooltips == {
        "bulk-edit": 'Now: Press "Bulk edit".',
        "apply-to-all": 'Now: Press "Apply to all".',
    }


@pytest.mark.parametrize("mood", ["failing", "inventing", "empty", "prose", "cut_off", "nonsense"])
@asynchronous
async def test_a_model_that_misbehaves_changes_nothing(mood: Mood, tmp_path: Path) -> None:
    async with _model(mood) as server:
        assert await _ask(server, tmp_path) is None


@asynchronous
async def test_a_model_that_hangs_changes_nothing(tmp_path: Path) -> None:
    async with _model("slow") as server:
        assert await _ask(server, tmp_path, timeout="200ms") is None


@pytest.mark.parametrize(
    "question",
    [
        "{label} saves you repeating “Save changes”.",
        "Repeating “Save changes”? Want to see how {label} saves you that?",
        "Would you like to see how {label} and “Turbo mode” save you repeating “Save changes”?",
        "Would you like to see how {label} saves you 50 minutes of repeating “Save changes”?",
        "Would you like to see how Bulk edit saves you repeating “Save changes”?",
        f"Would you like to see {'how ' * 40}{{label}} saves you repeating “Save changes”?",
    ],
)
@asynchronous
async def test_a_question_that_claims_more_or_is_none_is_not_used(question: str, tmp_path: Path) -> None:
    async with _model(words=_says(question)) as server:
        assert await _ask(server, tmp_path) is None


@asynchronous
async def test_uses_a_question_that_says_the_same(tmp_path: Path) -> None:
    async with _model(words=_says("Want to see how {label} saves you repeating “Save changes”?")) as server:
        words = await _ask(server, tmp_path)

    assert words is not None
    assert words.question == "Want to see how “Bulk edit” saves you repeating “Save changes”?"


@asynchronous
async def test_the_model_sees_labels_and_nothing_about_users(tmp_path: Path) -> None:
    async with _model() as server:
        await _ask(server, tmp_path)

    assert "Would you like to see how {label}" not in json.dumps(server.requests[0]["messages"][0])
    prompt = server.requests[0]["messages"][1]["content"]
    assert prompt == (
        "<steps>\ntoast-question: Would you like to see how {label} saves you repeating “Save changes”?\n"
        "bulk-edit: Press {label}.\napply-to-all: Press {label}.\n</steps>"
    )


def test_its_words_stand_in_the_files(tmp_path: Path) -> None:
    batches = recorded_days(days=2, users=12)

    def reword(_texts: object) -> list[Words | None]:
        return [Words("Want to see how “Bulk edit” helps?", {"bulk-edit": 'Now press "Bulk edit".'}), None]

    findings = [a_finding(batches), a_finding(batches, id="other")]
    result = discovered(tmp_path, batches, findings, reword=reword)

    folder = tmp_path / "proposals" / "projects-save-changes"
    assert "Want to see how “Bulk edit” helps?" in (folder / "trigger.yml").read_text()
    path = (folder / "path.yml").read_text()
    assert "tooltip: 'Now press \"Bulk edit\".'" in path
    assert "text: 'Press \"Bulk edit\".'" in path
    assert result.not_reworded == ["other"]
    assert _QUESTION in (tmp_path / "proposals" / "other" / "trigger.yml").read_text()
