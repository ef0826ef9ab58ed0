"""A user edits projects one by one and is offered bulk edit, from requests recorded in real browsers."""

from __future__ import annotations

import pytest
from support.background import eventually
from support.pair import Pair
from support.project import TRIGGER
from support.stories import DISCOVERING, EDITING, through_save
from support.user import User

QUESTION = (
    "Changing projects one at a time? You can select several and change them together. Shall I show you how?"
)
#: Interaction timeout and cooldown, 1 s each: afterwards only consumed evidence suppresses an offer.
PAUSE_S = 2.0


@pytest.mark.parametrize("recording", EDITING)
async def test_three_edits_bring_exactly_one_toast(pair: Pair, recording: str) -> None:
    user = User(pair)
    async with user.feed() as feed:
        await user.send_story(user.story(recording))
        toast = await feed.toast()
        await user.acknowledge(toast)
        await feed.stays_silent(PAUSE_S + 1)
    assert pair.offers_to(user.id) == [toast.id]


@pytest.mark.parametrize("recording", DISCOVERING)
async def test_makes_no_offer_to_a_user_who_found_bulk_edit(pair: Pair, recording: str) -> None:
    user = User(pair)
    async with user.feed() as feed:
        await user.send_story(user.story(recording))
        await user.send_story(user.story("edit_three_projects"))
        await feed.stays_silent(1.5)
    assert pair.offers_to(user.id) == []


async def test_the_toast_has_the_fields_of_the_contract(pair: Pair) -> None:
    user = User(pair)
    async with user.feed() as feed:
        await user.send_story(user.story())
        toast = await feed.toast()
    assert (toast.event, toast.id) == ("proactive", toast.data["offer_id"])
    assert set(toast.data) == {
        "offer_id",
        "trigger_id",
        "body",
        "session_id",
        "expires_at",
        "expires_in_s",
        "tours",
    }
    assert (toast.data["trigger_id"], toast.data["body"]) == (TRIGGER, QUESTION)
    assert toast.data["session_id"] == user.session_id
    assert 60 < toast.data["expires_at"] - toast.at <= 120
    (tour,) = toast.data["tours"]
    assert (tour["id"], tour["label"], tour["provider"]) == (
        "projects-bulk-edit",
        "Show me",
        "driverjs",
    )
    assert tour["flow_id"]
    assert [(step["title"], step["element"]) for step in tour["steps"]] == [
        ("Open table options", "#projects-table-options"),
        ("Pick Bulk edit", "#projects-bulk-edit-toggle"),
        ("Select projects", "[id^=project-checkbox-]"),
        ("Apply", "#bulk-apply"),
    ]
    assert all(step["text"] for step in tour["steps"])


async def test_a_resent_save_counts_once(pair: Pair) -> None:
    """posthog-js resends what it believes lost: two saves sent twice are not four."""
    user = User(pair)
    story = user.story()
    two_saves = story[: through_save(story, 2)]
    async with user.feed() as feed:
        await user.send_story(two_saves)
        await user.send_story(two_saves)
        await feed.stays_silent(1)
        await user.send_story(story)
        await feed.toast()


async def test_a_toast_does_not_reach_another_user(pair: Pair) -> None:
    anna, ben = User(pair, "anna"), User(pair, "ben")
    async with anna.feed() as hers, ben.feed() as his:
        await anna.send_story(anna.story())
        await hers.toast()
        await his.stays_silent(0.5)


async def test_a_toast_on_an_open_feed_without_receipts_counts_as_rendered(pair: Pair) -> None:
    """A feed that stays open for 2 s has shown the toast: a second tab does not get it again."""
    user = User(pair)
    async with user.feed() as feed:
        await user.send_story(user.story())
        toast = await feed.toast()
        await eventually(lambda: pair.rendered_at(toast.id), what="the offer counts as rendered")
        async with user.feed() as second_tab:
            await second_tab.stays_silent(1)
