"""A user's variant decides text, workflow, tours, order of buttons and timing, wherever an offer appears."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import (
    PROJECTS,
    T0,
    EngineParts,
    action,
    batch,
    browser_calls,
    predicate_trigger,
    settings,
    tour_path,
)
from support.run import asynchronous

from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.settings.limits import TriggerLimitSettings

BULK, INVITE = tour_path("bulk"), tour_path("invite", title="Invite the team")


def trigger() -> ConfiguredTrigger:
    """A trigger with two variants: one like itself, and one about another workflow, in the chat only."""

    @only_events
    def did(ctx: ProactiveTriggerContext) -> bool:
        return any(each.title == "a" for each in ctx.recent_actions)

    plain = predicate_trigger(did, "t", body="Bulk?", golden_path="bulk")
    waits = TriggerLimitSettings.parse_obj({"hold_until": ["save"], "max_wait": "30s"})
    variants = [
        replace(plain, variant="plain"),
        replace(
            plain,
            variant="chat",
            body="Invite?",
            golden_path="invite",
            tours=None,
            first="chat",
            courtesy=waits,
        ),
    ]
    return replace(plain, variants=variants)


def user_of(variant: str) -> str:
    return next(u for u in (f"u{n}" for n in range(100)) if trigger().variant_for(u).variant == variant)


PLAIN, CHAT = user_of("plain"), user_of("chat")


@pytest.fixture
def parts(tmp_path: Path) -> EngineParts:
    return EngineParts(tmp_path, [trigger()], configuration=settings(), paths=[BULK, INVITE])


async def does(made: EngineParts, title: str, user: str, **more: Any) -> None:
    await made.take(
        batch(action(title, made.clock.now - T0, PROJECTS, **more), user=user, session=f"s-{user}")
    )


@asynchronous
async def test_toast_has_the_variants_text_tours_and_order(parts: EngineParts) -> None:
    async with parts as made:
        for user in (PLAIN, CHAT):
            await made.listen(user, f"f-{user}")
            await does(made, "a", user)
            await does(made, "Click Save changes", user)
        plain, chat = made.publisher.toasts
        assert (plain["body"], [tour["id"] for tour in plain["tours"]]) == ("Bulk?", ["bulk"])
        assert "first" not in plain
        assert (chat["body"], chat["tours"], chat["first"]) == ("Invite?", [], "chat")
        stored = [(await made.offers(user))[0] for user in (PLAIN, CHAT)]
        assert [(o.variant, o.golden_path) for o in stored] == [("plain", "bulk"), ("chat", "invite")]
        assert {each.variant for each in made.decisions} == {"plain", "chat"}


@asynchronous
async def test_timing_is_the_variants_own(parts: EngineParts) -> None:
    async with parts as made:
        for user in (PLAIN, CHAT):
            await does(made, "a", user)
        assert (len(await made.offers(PLAIN)), len(await made.offers(CHAT))) == (1, 0)
        await made.at(5)
        await does(made, "Click Save changes", CHAT)
        assert len(await made.offers(CHAT)) == 1


@asynchronous
async def test_answer_is_about_the_variants_workflow(parts: EngineParts) -> None:
    async with parts as made:
        await made.listen(CHAT, "f")
        await does(made, "a", CHAT)
        await does(made, "Click Save changes", CHAT)
        await made.reported(made.open_offer(CHAT), "never")
        await made.at(60)
        await does(made, "a", CHAT)
        assert (made.decisions[-1].outcome, made.decisions[-1].gate) == ("stopped", "answered")
        assert "invite" in made.decisions[-1].detail
        explained = (await made.explainer.explain(CHAT))["triggers"][0]
        assert (explained["variant"], explained["about"]) == ("chat", "invite")


@pytest.mark.parametrize(
    ("user", "question", "workflow", "tour_id"),
    [(PLAIN, "Bulk?", "Bulk edit", "bulk"), (CHAT, "Invite?", "Invite the team", "")],
)
@asynchronous
async def test_chat_speaks_about_the_variants_workflow(
    parts: EngineParts, user: str, question: str, workflow: str, tour_id: str
) -> None:
    async with parts as made:
        await made.listen(user, "f")
        await does(made, "a", user)
        await does(made, "Click Save changes", user)
        offer = made.open_offer(user)
        calls = browser_calls(made)
        assert (await calls.prepare_inject(user, "t", offer.offer_id)).body == question
        follow_up = await calls.follow_up(user, "t", offer.offer_id)
        assert workflow in follow_up.text
        assert follow_up.tour_id == tour_id, "no button for a tour in a variant without tours"


@asynchronous
async def test_open_chat_without_an_offer_has_the_variants_text(parts: EngineParts) -> None:
    async with parts as made:
        calls = browser_calls(made)
        bodies = [(await calls.prepare_inject(user, "t", "")).body for user in (PLAIN, CHAT)]
        assert bodies == ["Bulk?", "Invite?"]


@asynchronous
async def test_late_delivery_has_the_variants_tours(parts: EngineParts) -> None:
    async with parts as made:
        for user in (PLAIN, CHAT):
            await does(made, "a", user)
            await does(made, "Click Save changes", user)
            await made.listen(user, f"f-{user}")
        toasts = made.publisher.toasts
        assert [(toast["body"], len(toast["tours"])) for toast in toasts] == [("Bulk?", 1), ("Invite?", 0)]


@asynchronous
async def test_restart_keeps_the_variant(parts: EngineParts) -> None:
    async with parts as made:
        await does(made, "a", CHAT)
        await does(made, "Click Save changes", CHAT)
        async with await made.restarted() as again:
            await again.listen(CHAT, "f")
            (toast,) = again.publisher.toasts
            assert (toast["body"], toast["first"]) == ("Invite?", "chat")
            assert again.open_offer(CHAT).variant == "chat"


@asynchronous
async def test_late_offer_about_the_variants_workflow_is_not_withdrawn(parts: EngineParts) -> None:
    async with parts as made:
        await does(made, "a", CHAT)
        await does(made, "Click Save changes", CHAT)
        await made.at(10)
        await made.listen(CHAT, "f")
        assert made.open_offer(CHAT).status is OfferStatus.QUEUED
        assert len(made.publisher.toasts) == 1
