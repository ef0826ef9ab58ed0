"""Users ask first: three actions and a route, with a model that is good, inventing or failing."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from support.background import PATIENCE_S
from support.language_model import GOOD_WORDS, LanguageModelServer
from support.pair import Pair
from support.user import User

from rasa_autoplay.common.conversation.markdown_lists import with_lists_apart
from scenario.test_open_chat import LISTED, STEPS

#: The bot was not trained on this, but the golden path answers it.
QUESTION = "tick the rows, then what?"
PAYLOAD = '/autoplay_show_me{"tour":"projects-bulk-edit"}'
#: What the page needs to offer the same.
TOUR = {"tour_id": "projects-bulk-edit", "button": "Show me on the page"}


async def seen(pair: Pair) -> User:
    """A user whose actions the engine knows."""
    user = User(pair, "dora")
    await user.send_story(user.story())
    await pair.offer_to(user.id)
    return user


async def reply(user: User, **query: str) -> tuple[int, Any]:
    place = f"{user.pair.base}/reply/{user.id}"
    within = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with user.pair.http.get(place, params=query, timeout=within) as response:
        return response.status, await response.json()


async def test_answers_a_question_with_the_models_text(
    pair: Pair, language_model: LanguageModelServer
) -> None:
    user = await seen(pair)
    asked_before = len(language_model.requests)
    async with user.chat() as window:
        await window.write(QUESTION)
        answer = await window.bubble()
        assert answer.text == with_lists_apart(GOOD_WORDS)
        assert answer.buttons == {"Show me on the page": PAYLOAD}
    told = {"text": GOOD_WORDS, "reply": GOOD_WORDS, "source": "llm", **TOUR}
    assert await reply(user, query=QUESTION) == (200, told)
    for request in language_model.requests[asked_before:]:
        prompt = request["messages"][-1]["content"]
        assert "\nbulk-edit: In the menu, choose {label}. Every row gets a checkbox.\n" in prompt
        assert QUESTION in prompt
        assert "Save changes" in prompt, "what the user did"
        assert user.email not in prompt


@pytest.mark.parametrize(("mood", "requests"), [("inventing", 2), ("failing", 1)])
async def test_answers_with_the_plain_steps_when_the_model_is(
    pair: Pair, language_model: LanguageModelServer, mood: str, requests: int
) -> None:
    language_model.mood = mood  # type: ignore[assignment]
    user = await seen(pair)
    asked_before = len(language_model.requests)
    async with user.chat() as window:
        await window.write(QUESTION)
        assert (await window.bubble()).text == LISTED
    assert len(language_model.requests) - asked_before == requests
    assert await reply(user, query=QUESTION) == (
        200,
        {"text": STEPS, "reply": STEPS, "source": "steps", **TOUR},
    )
    again = [request["messages"][-1]["content"] for request in language_model.requests[asked_before:]]
    assert any("Turbo" in prompt for prompt in again) == (mood == "inventing"), "the objection names it"


async def test_recent_actions_and_page_help_need_no_model(
    pair: Pair, language_model: LanguageModelServer
) -> None:
    user = await seen(pair)
    asked_before = len(language_model.requests)
    # The shared pair has another path on this page.
    assert "- Bulk edit projects: Change the priority" in await told_what_can_be_done(user)
    assert len(language_model.requests) == asked_before


async def told_what_can_be_done(user: User) -> str:
    """Ask about past actions and for help with the page; return the latter's answer."""
    async with user.chat() as window:
        await window.write("what did I just do?")
        first, *did = (await window.bubble()).text.splitlines()
        assert first == "Here's what you did last:"
        assert did[-1].startswith("5. ")
        assert "Save changes" in "".join(did)
        await window.write("what can I do on this page?")
        return (await window.bubble()).text


@pytest.mark.parametrize("query", [{}, {"query": ""}, {"query": "  "}])
async def test_rejects_an_empty_question(pair: Pair, query: dict[str, str]) -> None:
    status, answer = await reply(User(pair), **query)
    assert (status, "query" in answer["error"]) == (400, True)
