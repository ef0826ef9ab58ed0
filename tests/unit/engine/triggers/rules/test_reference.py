"""The compiled rules agree with a slow implementation of the language that shares no code with them.

Random rules over random sessions: actions arrive out of order, some twice, and offers consume evidence in
between. Both are evaluated after each batch, and at every quarter of a second until the next: the time that
the rule schedules (``wakes_at``) must be when the slow one changes its result.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import EngineParts, batch, settings
from support.random_rules import random_actions, random_history, random_paths, random_rule
from support.reference import Seen, fires
from support.rules import PATHS, T0, KnownFollower
from support.rules import rule as written
from support.run import asynchronous

from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.sessions.window import ActionWindow
from rasa_autoplay.engine.triggers.rules.grammar import RuleGrammar
from rasa_autoplay.engine.triggers.rules.trigger import RuleTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import WindowSettings
from rasa_autoplay.settings.yaml_file import YamlFile

WINDOW = WindowSettings.parse_obj({"lookback": "60s", "max_actions": 12})


@pytest.fixture(scope="module")
def grammar(tmp_path_factory: pytest.TempPathFactory) -> RuleGrammar:
    file = tmp_path_factory.mktemp("rules") / "autoplay.yml"
    file.write_text("product_id: demo", encoding="utf-8")
    return RuleGrammar(YamlFile(file), WINDOW, PATHS)


class Watched:
    """One random session, evaluated by both."""

    def __init__(self, chance: random.Random, rule: Any, trigger: RuleTrigger) -> None:
        self.rule, self.trigger = rule, trigger
        self.window = ActionWindow(WINDOW.lookback, WINDOW.max_actions)
        self.arrived: list[SlimAction] = []
        self.used_until = 0.0
        self.history, self.paths = random_history(chance), random_paths(chance)
        self.email = chance.choice(("ann@acme.com", "bob@mail.acme.com", "cy@gmail.com", ""))
        self.remembered: frozenset[str] = frozenset()

    def arrive(self, actions: list[SlimAction]) -> None:
        """Return the actions as the session stores them."""
        for action in actions:
            self.window.add(action)
            if not any(action is known for known in self.arrived):
                self.arrived.append(action)
            seen = {name for name, matches in self.trigger.remembers.items() if matches(action)}
            self.remembered |= seen

    def context(self, now: float) -> ProactiveTriggerContext:
        """Return the context as the engine makes it."""
        return ProactiveTriggerContext(
            recent_actions=tuple(self.window.between(self.used_until, now)),
            context_extra={
                "eval_now": now,
                "email": self.email or None,
                "remembered": self.remembered,
                "window_actions": tuple(self.window.between(0.0, 0.0)),
                "evidence_after": self.used_until,
                "user_history": self.history,
                "workflow_progress": self.paths,
            },
        )

    def expected(self, now: float) -> bool:
        """Return the slow implementation's result."""
        seen = Seen(
            self.arrived,
            now,
            self.used_until,
            WINDOW.lookback,
            WINDOW.max_actions,
            self.history,
            None if self.paths is None else self.paths.positions,
            self.email,
        )
        return fires(self.rule, seen)

    def found(self, now: float) -> bool:
        """Return the compiled rule's result, evaluated as the driver does."""
        ctx = self.context(now)
        fired = self.trigger.evaluate(ctx) is not None
        explanation = self.trigger.explain(ctx)
        assert explanation.fired is fired, "the explanation says the same"
        assert explanation.fired is all(verdict.holds for verdict in explanation.conditions)
        return bool(ctx.recent_actions) and fired


def compare(grammar: RuleGrammar, seed: int) -> bool:
    """Run one random rule over one random session; return whether it was ever true."""
    chance = random.Random(seed)  # noqa: S311 - the same rules in every run
    rule = random_rule(chance)
    trigger = RuleTrigger("it", "body", grammar.read(rule, ("when",)))
    watched = Watched(chance, rule, trigger)
    actions = random_actions(chance, chance.randint(1, 16), chance.choice((10.0, 30.0, 90.0)))
    actions.sort(key=lambda a: a.timestamp_start + chance.choice((0.0, 0.0, 5.0)))
    ever = False
    now = T0
    while actions:
        size = chance.randint(1, 3)
        batch, actions = actions[:size], actions[size:]
        now += chance.choice((0.0, 0.25, 1.0))
        if chance.random() < 0.9:  # otherwise a clock that is ahead
            now = max(now, *(a.timestamp_start for a in batch))
        watched.arrive(batch + (batch[:1] if chance.random() < 0.3 else []))
        until = min(now + 50, max(now, actions[0].timestamp_start) if actions else now + 50)
        ever |= _compare_until(watched, now, until, (seed, rule))
        if chance.random() < 0.1 and len(watched.window):
            newest = watched.window.newest
            assert newest is not None
            watched.used_until = newest.timestamp_start
        now = until
    return ever


def _compare_until(watched: Watched, now: float, until: float, what: object) -> bool:
    """Check that both agree at ``now``; later, the compiled rule is evaluated only when it scheduled that."""
    expected = watched.expected(now)
    assert watched.found(now) is expected, (what, now - T0)
    ever, wakes_at = expected, _wakes_at(watched, now)
    while now < until:
        now += 0.25
        later = watched.expected(now)
        assert watched.found(now) is later, (what, now - T0)
        if later and not expected:
            assert wakes_at is not None, (what, now - T0, "it would have slept through it")
            assert wakes_at <= now, (what, now - T0, "it would have come too late")
        if later is not expected or (wakes_at is not None and wakes_at <= now):
            wakes_at = _wakes_at(watched, now)
        ever, expected = ever or later, later
    return ever


def _wakes_at(watched: Watched, now: float) -> float | None:
    wakes_at = watched.trigger.wakes_at(watched.context(now))
    assert wakes_at is None or wakes_at > now, "else it would be asked without end"
    return wakes_at


def test_engine_agrees_with_the_reference_on_200_rules(grammar: RuleGrammar) -> None:
    true_once = sum(compare(grammar, seed) for seed in range(200))
    assert 40 < true_once < 180, "the comparison is worth something"


@pytest.mark.slow
def test_engine_agrees_with_the_reference_on_10000_rules(grammar: RuleGrammar) -> None:
    true_once = sum(compare(grammar, seed) for seed in range(200, 10_200))
    assert 2000 < true_once < 9000


class Engine:
    """The real engine, and the slow implementation with the same actions."""

    def __init__(self, engine: EngineParts, rule: Any, follower: KnownFollower) -> None:
        self.engine, self.rule, self.follower = engine, rule, follower
        self.arrived: list[SlimAction] = []

    async def agree(self) -> bool:
        """Return whether there is an offer by now; both must agree."""
        paths, now = self.follower.paths, self.engine.clock.now
        seen = Seen(
            self.arrived,
            now,
            lookback_s=WINDOW.lookback,
            max_actions=WINDOW.max_actions,
            history=self.follower.user,
            positions=None if paths is None else paths.positions,
        )
        offered = bool(await self.engine.offers())
        assert offered is fires(self.rule, seen), (self.rule, now - T0)
        return offered


async def until_the_first_offer(folder: Path, seed: int) -> bool:
    """Run one random rule and session through the engine until it fires; return whether it did."""
    chance = random.Random(seed)  # noqa: S311 - the same rules in every run
    rule = random_rule(chance)
    follower = KnownFollower(random_history(chance), random_paths(chance))
    actions = random_actions(chance, chance.randint(1, 16), chance.choice((10.0, 30.0, 90.0)))
    actions.sort(key=lambda a: a.timestamp_start + chance.choice((0.0, 0.0, 5.0)))
    head = "product_id: demo\nsession: {window: {lookback: 60s, max_actions: 12}}"
    configured = written(folder, json.dumps(rule), head=head)
    configuration = settings(session={"window": {"lookback": "60s", "max_actions": 12}})
    ledger = LocalOfferLedger()
    async with EngineParts(
        folder, [configured], configuration=configuration, ledger=ledger, follower=follower
    ) as engine:
        both = Engine(engine, rule, follower)
        while engine.clock.now < T0 + 160:
            while actions and actions[0].timestamp_start <= engine.clock.now:
                both.arrived.append(actions.pop(0))
                await engine.take(batch(both.arrived[-1]))
                if await both.agree():
                    return True
            await engine.at(engine.clock.now - T0 + 0.25)
            if both.arrived and await both.agree():
                return True
    return False


@asynchronous
async def test_engine_fires_at_the_first_possible_moment(tmp_path: Path) -> None:
    spoke = [await until_the_first_offer(tmp_path, seed) for seed in range(150)]
    assert 40 < sum(spoke) < 130


@pytest.mark.slow
@asynchronous
async def test_engine_fires_at_the_first_possible_moment_of_2000_sessions(tmp_path: Path) -> None:
    spoke = [await until_the_first_offer(tmp_path, seed) for seed in range(150, 2150)]
    assert 500 < sum(spoke) < 1800
