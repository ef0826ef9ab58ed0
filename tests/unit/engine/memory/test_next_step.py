"""The next step through the driver: what a user is offered on another day, given what they know."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.engine_parts import T0, EngineParts, action, batch
from support.run import asynchronous
from support.visits import APP, CHECKED, DAY, comes, leaves, parts

from rasa_autoplay.engine.assistant.user_background import UserBackground
from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.tours.problems import TourProblems

ANY = "  - {builtin: next_step}\n"
NOTHING: list[str] = []
MISSED, GAVE_UP, MASTERED = ["menu download"], ["menu"] * 3, ["menu format download check"]
#: The path's last step is its result: completing it masters the path, whatever was omitted.
DONE_BY_ITS_LAST_STEP = ["menu download check"]
#: The vendor's example: two attempts that stop at one step are in progress.
STOPPED_TWICE = ["menu format download", "menu format download"]


async def after(tmp_path: Path, visits: list[str], entries: str = ANY) -> EngineParts:
    """Make some visits, then return the same user to the reports page on another day."""
    store = LocalMemoryStore()
    async with parts(tmp_path / "before", store, path=CHECKED) as before:
        for number, elements in enumerate(visits):
            await comes(before, number * DAY, *elements.split(), session=f"before-{number}")
            await leaves(before)
    made = parts(tmp_path, store, entries, CHECKED)
    made.clock.now = T0 + 9 * DAY
    await made.take(batch(action("View reports", 9 * DAY, f"{APP}/reports", type="pageview")))
    await made.at(9 * DAY + 1)
    return made


async def bubble_2(made: EngineParts, offer: Offer) -> str:
    parts_of_it = (made.lifecycle, made.open_offers, made.ledger, made.tours, None, made.follower, made.clock)
    calls = BrowserCalls(made.settings, made.triggers, *parts_of_it, TourProblems())
    return (await calls.follow_up("u1", offer.trigger_id, offer.offer_id)).text


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    (tmp_path / "before").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("visits", "toast", "tours", "chat"),
    [
        (
            NOTHING,
            "New to “Export a report”? It starts with “Open Export”. Want me to show you?",
            ["export"],
            CHECKED.how_to(),
        ),
        (
            MISSED,
            "You haven't done “Choose” in “Export a report” yet. Want me to show you where it is?",
            ["export"],
            "You haven't done this step of “Export a report” yet:\n2. Choose.",
        ),
        (
            STOPPED_TWICE,
            "You haven't done “Check it” in “Export a report” yet. Want me to show you where it is?",
            ["export"],
            "You haven't done this step of “Export a report” yet:\n5. Look at it.",
        ),
        (
            GAVE_UP,
            "Having trouble with “Choose” in “Export a report”? Want me to explain it in the chat?",
            [],
            "Let's start with the step that didn't work:\n2. Choose.\n" + CHECKED.how_to(),
        ),
    ],
)
@asynchronous
async def test_offer_follows_from_the_known_facts(
    tmp_path: Path, visits: list[str], toast: str, tours: list[str], chat: str
) -> None:
    async with await after(tmp_path, visits) as made:
        (offer,) = await made.offers()
        assert offer.body == toast
        assert offer.golden_path == "export"
        assert [tour.id for tour in offer.tours] == tours
        assert await bubble_2(made, offer) == chat


@pytest.mark.parametrize("visits", [MASTERED, DONE_BY_ITS_LAST_STEP])
@asynchronous
async def test_offers_nothing_to_a_user_who_masters_the_path(tmp_path: Path, visits: list[str]) -> None:
    async with await after(tmp_path, visits) as made:
        assert await made.offers() == []


@asynchronous
async def test_offers_nothing_on_other_pages(tmp_path: Path) -> None:
    async with parts(tmp_path, LocalMemoryStore(), ANY, CHECKED) as made:
        await made.take(batch(action("View start", 0, f"{APP}/start", type="pageview")))
        await made.at(1)
        assert await made.offers() == []


@asynchronous
async def test_offers_nothing_to_a_user_who_follows_the_path(tmp_path: Path) -> None:
    only_gaps = "  - {builtin: next_step, approaches: [missed, explain]}\n"
    async with await after(tmp_path, NOTHING, only_gaps) as made:
        await comes(made, 9 * DAY + 1, "menu", "format", "download", "check", session="s1")
        await made.at(9 * DAY + 9)
        assert await made.offers() == []


@asynchronous
async def test_uses_the_configured_texts_and_shortens_long_names(tmp_path: Path) -> None:
    entries = '  - {builtin: next_step, workflow: export, introduce: "Start {workflow} by {step}?"}\n'
    async with await after(tmp_path, NOTHING, entries) as made:
        (offer,) = await made.offers()
        assert offer.body == "Start Export a report by Open Export?"


@asynchronous
async def test_toasts_about_repeated_failures_lead_to_the_chat(tmp_path: Path) -> None:
    entries = "  - {builtin: adoption_gap, workflow: export, page: /reports}\n"
    async with await after(tmp_path, GAVE_UP, entries) as made:
        (offer,) = await made.offers()
        assert offer.tours == []
        await made.listen()
        assert made.publisher.toasts[-1]["tours"] == [], "also when it is delivered late"


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        (NOTHING, "The user has never tried Export a report. It begins with: Open Export."),
        (MISSED, "The user left out a step of Export a report: Choose."),
        (STOPPED_TWICE, "The user left out a step of Export a report: Check it."),
        (
            GAVE_UP,
            "The user has struggled with Export a report, at: Choose. Explain it in the chat, "
            "not with the tour.",
        ),
        (MASTERED, ""),
    ],
)
@asynchronous
async def test_assistant_gets_the_same_facts(tmp_path: Path, visits: list[str], expected: str) -> None:
    async with await after(tmp_path, visits) as made:
        session = await made.session()
        assert UserBackground(made.follower).next_step(session) == expected
