"""Whatever users, browsers and clocks do, no more toasts are shown than the budget allows."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.engine_parts import PROJECTS, T0, EngineParts, action, batch, predicate_trigger
from support.engine_parts import settings as autoplay

from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.settings.limits import TriggerLimitSettings

DAY_S = 86_400.0
LIMITS = {"min_interval": "10m", "snooze": "1h", "per_user_per_day": 3}
OWN = {"a": {"per_day": 2}, "b": {"per_user": 4, "min_interval": "1h"}}

#: Seconds that pass, then what happens. A browser shows what it is sent at once, unless it has left.
ASKS = st.sampled_from(["a", "b", "a elsewhere", "b elsewhere"])
OTHER = st.sampled_from(["listen", "leave", "chat", "dismissed", "timed_out", "snoozed", "restart"])
STEPS = st.lists(
    st.tuples(st.sampled_from([1, 120, 600, 3600, 30_000]), st.one_of(ASKS, ASKS, OTHER)),
    min_size=20,
    max_size=80,
)


def trigger(title: str) -> Any:
    @only_events
    def did(ctx: ProactiveTriggerContext) -> bool:
        return any(each.title == title for each in ctx.recent_actions)

    return predicate_trigger(did, title, courtesy=TriggerLimitSettings.parse_obj(OWN[title]))


class _Browser:
    """Two sessions of one user, and a tab that shows what it is sent."""

    def __init__(self, made: EngineParts) -> None:
        self.made = made

    async def does(self, step: str) -> None:
        """Let something happen, and show what has arrived."""
        made, offer = self.made, self.made.open_offers.of_user("u1")
        title, _, elsewhere = step.partition(" ")
        if title in OWN:
            session = "s2" if elsewhere else "s1"
            await made.take(batch(action(title, made.clock.now - T0, PROJECTS), session=session))
        elif step == "listen":
            await made.listen()
        elif step == "leave":
            made.presence.closed("d1", "f1")
        elif step == "chat":
            await made.lifecycle.chat_message("u1", made.clock())
        elif step == "restart":
            self.made = await _restarted(made)
        elif offer is not None and offer.rendered_at:
            await made.reported(offer, step)
        await self.shows()

    async def shows(self) -> None:
        """The toast that has arrived is on the screen."""
        offer = self.made.open_offers.of_user("u1")
        arrived = {frame.id for _, frame in self.made.publisher.pushed}
        if offer is not None and offer.awaits_rendering and offer.offer_id in arrived:
            await self.made.reported(offer, "rendered")


async def _restarted(made: EngineParts) -> EngineParts:
    again = EngineParts(Path(), made.triggers, made.clock, made.settings, ledger=made.ledger)
    await again.open_offers.restore(made.clock())
    await again.listen()
    return again


async def _shown(steps: list[tuple[int, str]]) -> list[Offer]:
    made = EngineParts(
        Path(),
        [trigger("a"), trigger("b")],
        configuration=autoplay(courtesy=LIMITS),
        ledger=LocalOfferLedger(),
    )
    browser = _Browser(made)
    await made.listen()
    for passes_s, step in steps:
        # Timers due in between fire at the end, as on a busy machine.
        browser.made.clock.now += max(passes_s - 0.25, 0)
        await browser.made.at(browser.made.clock.now + 0.25 - T0)
        await browser.shows()
        await browser.does(step)
    offers = await browser.made.offers()
    await browser.made.ledger.close()
    return [offer for offer in offers if offer.rendered_at]


@settings(max_examples=30)
@given(STEPS)
def test_never_shows_more_toasts_than_the_budget(steps: list[tuple[int, str]]) -> None:
    shown = sorted(asyncio.run(_shown(steps)), key=lambda offer: offer.rendered_at)
    times = [offer.rendered_at for offer in shown]
    assert all(later - earlier >= 600 for earlier, later in itertools.pairwise(times))
    for day in {int(at // DAY_S) for at in times}:
        of_day = [offer.trigger_id for offer in shown if int(offer.rendered_at // DAY_S) == day]
        assert len(of_day) <= 3
        assert of_day.count("a") <= 2
    of_b = [offer.rendered_at for offer in shown if offer.trigger_id == "b"]
    assert len(of_b) <= 4
    assert all(later - earlier >= 3600 for earlier, later in itertools.pairwise(of_b))
