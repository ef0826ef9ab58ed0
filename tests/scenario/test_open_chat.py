"""Open chat: the bot asks its question itself, and explains the steps a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.background import eventually
from support.language_model import GOOD_WORDS, LanguageModelServer
from support.pair import Pair
from support.user import ChatWindow, Toast, User

from rasa_autoplay.common.conversation.markdown_lists import with_lists_apart

QUESTION = (
    "Changing projects one at a time? You can select several and change them together. Shall I show you how?"
)
#: The golden path's text, verbatim, as one message without blank lines.
STEPS = (
    "Bulk edit projects:\n"
    "1. Open the small ⋯ menu at the top right of the table, beside the status filter.\n"
    '2. In the menu, choose "Bulk edit". Every row gets a checkbox.\n'
    "3. Tick the projects that you want to change.\n"
    "4. In the toolbar that appears at the bottom, choose the new priority.\n"
    '5. Press "Apply to N" (N = how many you ticked): they all change together.'
)
#: The same as a list in the chat: a line with a space is before it.
LISTED = with_lists_apart(STEPS)


@asynccontextmanager
async def invited(pair: Pair, name: str = "anna") -> AsyncIterator[tuple[User, ChatWindow, Toast]]:
    """A user with a chat window who has just seen the toast."""
    user = User(pair, name)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await user.acknowledge(toast)
        yield user, window, toast


async def receipt(pair: Pair, toast: Toast, name: str) -> str:
    """Wait for a receipt of the offer; return its detail."""
    await eventually(lambda: name in pair.receipts(toast.id), what=f"the receipt {name}")
    return pair.receipts(toast.id)[name]


async def a_moment_passed(pair: Pair, window: ChatWindow) -> None:
    """Return the time between the bot's two messages by the server's clock; they may arrive here at once."""
    await eventually(
        lambda: len(pair.bot_spoke_at(window.sender_id)) >= 2, what="both messages are in the tracker"
    )
    question, steps = pair.bot_spoke_at(window.sender_id)[:2]
    assert steps - question >= 0.4


async def test_the_steps_follow_the_question(pair: Pair, language_model: LanguageModelServer) -> None:
    language_model.mood = "inventing"
    async with invited(pair) as (user, window, toast):
        status, answer = await user.open_chat(window, toast, body="ignore this <b>body</b>")
        assert (status, answer) == (200, {"status": "ok"})
        question = await window.bubble()
        steps = await window.bubble()
        assert question.text == QUESTION
        assert steps.text == LISTED
        await a_moment_passed(pair, window)
        assert await receipt(pair, toast, "bubble_1_delivered") == ""
        assert await receipt(pair, toast, "bubble_2_delivered") == "steps"


async def test_the_user_can_reply_after_both_bubbles(pair: Pair, language_model: LanguageModelServer) -> None:
    language_model.mood = "inventing"
    async with invited(pair) as (user, window, toast):
        await user.open_chat(window, toast)
        assert [(await window.bubble()).text for _ in range(2)] == [QUESTION, LISTED]
        await window.write("what does urgent mean?")
        answer = await window.bubble()
        assert "urgent" in answer.text.lower()
        await eventually(
            lambda: len(pair.conversation(window.sender_id)) >= 6,
            what="the tracker has all of the conversation",
        )
        told = [said for said in pair.conversation(window.sender_id) if "EXTERNAL_" not in said[1]]
        assert told == [
            ("bot", QUESTION),
            ("bot", LISTED),
            ("user", "what does urgent mean?"),
            ("bot", answer.text),
        ]


async def test_sends_the_models_answer_when_it_is_grounded(
    pair: Pair, language_model: LanguageModelServer
) -> None:
    async with invited(pair, "clara") as (user, window, toast):
        asked_before = len(language_model.requests)
        await user.open_chat(window, toast)
        assert (await window.bubble()).text == QUESTION
        assert (await window.bubble()).text == with_lists_apart(GOOD_WORDS)
        assert await receipt(pair, toast, "bubble_2_delivered") == "llm"
        (request,) = language_model.requests[asked_before:]
        assert (request["temperature"], request["max_tokens"]) == (0.4, 1000)
        prompt = request["messages"][-1]["content"]
        assert "\nbulk-edit: In the menu, choose {label}. Every row gets a checkbox.\n" in prompt
        assert "Save changes" in prompt, "what the user just did"
        assert "Clara" in prompt, "the first name, from the e-mail"
        assert user.email not in prompt


@pytest.mark.parametrize("mood", ["slow", "failing", "inventing", "empty", "cut_off", "prose", "nonsense"])
async def test_sends_the_plain_steps_when_the_model_is(
    pair: Pair, language_model: LanguageModelServer, mood: str
) -> None:
    language_model.mood = mood  # type: ignore[assignment]
    async with invited(pair) as (user, window, toast):
        await user.open_chat(window, toast)
        question = await window.bubble()
        steps = await window.bubble()
        assert (question.text, steps.text) == (QUESTION, LISTED)
        await a_moment_passed(pair, window)
        assert await receipt(pair, toast, "bubble_2_delivered") == "steps"
        await window.stays_silent(0.5)


async def test_drops_the_steps_when_the_user_writes_first(
    pair: Pair, language_model: LanguageModelServer
) -> None:
    language_model.mood = "slow"
    async with invited(pair) as (user, window, toast):
        await user.open_chat(window, toast)
        assert (await window.bubble()).text == QUESTION
        await window.write("thanks")
        assert (await window.bubble()).text == "You're welcome."
        await window.stays_silent(1.5)
        await receipt(pair, toast, "bubble_2_dropped")
        assert "bubble_2_delivered" not in pair.receipts(toast.id)


async def test_a_reconnecting_window_does_not_drop_the_steps(
    pair: Pair, language_model: LanguageModelServer
) -> None:
    """A widget sends an empty message when it reconnects, which is not the user writing."""
    language_model.mood = "inventing"
    async with invited(pair) as (user, window, toast):
        await user.open_chat(window, toast)
        assert (await window.bubble()).text == QUESTION
        await window.write("")
        assert (await window.bubble()).text == LISTED
        await window.stays_silent(0.5)


async def test_reports_a_wrong_sender_id_with_its_remedy(pair: Pair) -> None:
    async with invited(pair) as (user, window, toast):
        status, answer = await user.open_chat(window, toast, sender_id=user.id)
        assert status == 502
        assert "sender_id" in answer["error"]
        assert "session id" in answer["remedy"]
        assert "sender_id" in await receipt(pair, toast, "bubble_1_failed")
        await window.stays_silent(1.0)
        # A failed attempt spoils nothing: the right one works at once.
        assert (await user.open_chat(window, toast))[0] == 200
        assert (await window.bubble()).text == QUESTION


@pytest.mark.parametrize("missing", ["sender_id", "body"])
async def test_rejects_a_body_without_a_required_field(pair: Pair, missing: str) -> None:
    async with invited(pair) as (user, window, toast):
        for nothing in (None, ""):
            status, answer = await user.open_chat(window, toast, **{missing: nothing})
            assert status == 400
            assert missing in answer["error"]
        await window.stays_silent(0.5)


@pytest.mark.parametrize("body", ["{not json", "[1,2,3]", "null", "42", '{"sender_id": true, "body": "x"}'])
async def test_rejects_an_unreadable_body(pair: Pair, body: str) -> None:
    async with pair.http.post(f"{pair.base}/proactive/inject", data=body) as response:
        assert response.status == 400
        assert set(await response.json()) <= {"error", "remedy"}


async def test_another_users_offer_opens_no_chat(pair: Pair) -> None:
    async with invited(pair, "anna") as (_, _, hers), invited(pair, "ben") as (ben, his_window, _):
        status, answer = await ben.open_chat(his_window, hers)
        assert status == 404
        assert answer["error"]
        assert (await ben.open_chat(his_window, hers, offer_id="offer_invented"))[0] == 404
        await his_window.stays_silent(1.0)


async def test_a_double_click_opens_one_chat(pair: Pair, language_model: LanguageModelServer) -> None:
    language_model.mood = "inventing"
    async with invited(pair) as (user, window, toast):
        clicks = await asyncio.gather(*(user.open_chat(window, toast) for _ in range(3)))
        assert [status for status, _ in clicks] == [200] * 3
        assert [(await window.bubble()).text for _ in range(2)] == [QUESTION, LISTED]
        assert (await user.open_chat(window, toast))[0] == 200
        await window.stays_silent(1.5)


async def test_opening_the_chat_accepts_the_offer(pair: Pair) -> None:
    """A click on Open chat answers the offer; courtesy decides how long that suppresses it."""
    async with invited(pair) as (user, window, toast):
        await user.open_chat(window, toast)
        await window.bubble()
        await pair.offer_is(toast.id, "accepted")


async def test_log_shows_the_story_in_order(pair: Pair, language_model: LanguageModelServer) -> None:
    language_model.mood = "inventing"
    async with invited(pair) as (user, window, toast):
        assert (await pair.post("/tour/start", {"user_id": user.id, "tour_id": "projects-bulk-edit"}))[
            0
        ] == 200
        await user.open_chat(window, toast)
        await window.bubble()
        await window.bubble()
        await receipt(pair, toast, "bubble_2_delivered")

        def lines_about_it() -> list[str]:
            about = (user.id, toast.id, user.session_id)
            return [line for line in pair.actions_log().splitlines() if any(it in line for it in about)]

        await eventually(lambda: any(STORY[-1] in line for line in lines_about_it()), what=STORY[-1])
        lines = lines_about_it()
        told = [what for line in lines for what in STORY if what in line]
        assert told == list(STORY)
        assert all(" INFO " in line for line in lines if any(what in line for what in STORY))
        assert "(subscribers=1)" in next(line for line in lines if "published" in line)


STORY = ("trigger fired", "published", "tour started", "question injected", "follow-up injected")
