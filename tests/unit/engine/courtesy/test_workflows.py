"""An answer about one workflow (or page) does not affect another, for every kind of trigger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, EngineParts, action, batch, settings
from support.rules import KnownFollower, KnownPaths, KnownUser, triggers
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.user_progress import (
    NextStep,
    PathPosition,
    WorkflowFailures,
    WorkflowMemory,
)
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.sessions.snapshot import decode_session, encode_session

PAGE = "https://app.example.com/projects"
OTHER = "https://app.example.com/reports"
A, B = "export", "invite-team"
DAY = 86_400.0

PATHS = [
    GoldenPath.parse_obj(
        {"id": path_id, "title": path_id, "page": "/", "steps": [{"id": "one", "text": "Do it."}]}
    )
    for path_id in (A, B)
]


class Gaps(KnownPaths):
    """A session with a gap in every workflow."""

    @property
    def gaps(self) -> Sequence[NextStep]:
        """The workflows in order of relevance."""
        return [NextStep(path_id, path_id, "missed", "one", "…") for path_id in (A, B)]


def tried(**fields: Any) -> Mapping[str, WorkflowMemory]:
    return {path_id: WorkflowMemory(path_id, missing_step="one", **fields) for path_id in (B, A)}


def under_way(**fields: Any) -> Mapping[str, PathPosition]:
    place = {"step": "one", "next_step": "two", "steps_done": 1, "steps_total": 2, "progressed_at": T0 - DAY}
    return {path_id: PathPosition(path_id, **{**place, **fields}) for path_id in (B, A)}


IN_PROGRESS = KnownUser(
    previous_visit_at=T0 - 30 * DAY,
    workflows=tried(state="in_progress", attempts=4, best_completion_pct=50.0),
)
UNTOUCHED = KnownUser(workflows=tried())
NOBODY = KnownUser()

#: Each trigger that is about any workflow, and a user for whom it fires about two of them.
OF_ANY_WORKFLOW: Mapping[str, tuple[str, KnownFollower]] = {
    "next_step": ("builtin: next_step", KnownFollower(NOBODY, Gaps())),
    "workflow_stall": ("builtin: workflow_stall", KnownFollower(NOBODY, KnownPaths(under_way()))),
    "skipped_step": (
        "builtin: skipped_step",
        KnownFollower(NOBODY, KnownPaths(under_way(skipped_step="one"))),
    ),
    "return_after_gap": ("builtin: return_after_gap", KnownFollower(IN_PROGRESS, KnownPaths())),
    "repeat_attempt": ("builtin: repeat_attempt", KnownFollower(IN_PROGRESS, KnownPaths())),
    "first_time": ("builtin: first_time", KnownFollower(UNTOUCHED, KnownPaths(under_way()))),
    "adoption_gap": (
        f"builtin: adoption_gap, workflow: [{A}, {B}], page: /projects",
        KnownFollower(UNTOUCHED, KnownPaths()),
    ),
    "a rule": (
        "id: mine, body: B, when: {memory: {in_progress: any}}",
        KnownFollower(IN_PROGRESS, KnownPaths()),
    ),
}


def made_of(folder: Path, entry: str, follower: KnownFollower | None = None, **limits: Any) -> EngineParts:
    quick = settings(session={"interaction_timeout": "5s", "cooldown": "0s"}, courtesy=limits)
    entries = triggers(folder, f"  - {{{entry}}}\n")
    ledger = LocalOfferLedger()
    return EngineParts(folder, entries, configuration=quick, paths=PATHS, follower=follower, ledger=ledger)


async def does(made: EngineParts, at: float, page: str = PAGE, session: str = "s1", **fields: Any) -> None:
    await made.at(at)
    await made.take(batch(action("View", at, page, **fields), session=session))


async def subjects(made: EngineParts) -> list[str]:
    return [offer.subject for offer in await made.offers()]


@pytest.mark.parametrize("name", OF_ANY_WORKFLOW)
@pytest.mark.parametrize("answer", ["accepted", "dismissed", "snoozed", "never"])
@pytest.mark.parametrize("session", ["s1", "s2"])
@asynchronous
async def test_offers_the_other_workflow_after_an_answer_about_one(
    tmp_path: Path, name: str, answer: str, session: str
) -> None:
    entry, follower = OF_ANY_WORKFLOW[name]
    async with made_of(tmp_path, entry, follower) as made:
        await does(made, 0)
        first = made.open_offer()
        await made.reported(first, answer)
        await does(made, 10, session=session)
        assert sorted(await subjects(made)) == [A, B]
        await made.reported(made.open_offer(), answer)
        await does(made, 20, session=session)
        assert len(await made.offers()) == 2, "both were answered"


@asynchronous
async def test_counts_failures_per_workflow(tmp_path: Path) -> None:
    keys = frozenset((T0 + at, 0, "Click") for at in (0, 10, 20))
    paths = KnownPaths(failures={path_id: WorkflowFailures(keys, frozenset()) for path_id in (A, B)})
    entry = "builtin: repeated_failure, at_least: 1"
    async with made_of(tmp_path, entry, KnownFollower(NOBODY, paths)) as made:
        for at in (0, 10, 20):
            await made.at(at)
            await made.take(batch(action("Click", at, PAGE, signal="error")))
            if (offer := made.open_offers.of_user("u1")) is not None:
                await made.reported(offer, "never")
        assert sorted(await subjects(made)) == [A, B]


@asynchronous
async def test_consumed_evidence_of_one_workflow_does_not_fire_another(tmp_path: Path) -> None:
    """Evidence belongs to the trigger: one click does not cause a series of toasts."""
    entry, follower = OF_ANY_WORKFLOW["next_step"]
    async with made_of(tmp_path, entry, follower) as made:
        await does(made, 0)
        await made.reported(made.open_offer(), "accepted")
        await made.at(600)
        assert await subjects(made) == [A]
        await does(made, 601)
        assert await subjects(made) == [A, B]


@asynchronous
async def test_waits_for_the_earliest_end_of_a_pause(tmp_path: Path) -> None:
    entry, follower = OF_ANY_WORKFLOW["repeat_attempt"]
    async with made_of(tmp_path, entry, follower, after_accepted="40s", snooze="60s") as made:
        await does(made, 0)
        await made.reported(made.open_offer(), "dismissed")
        await does(made, 10)
        await made.reported(made.open_offer(), "accepted")
        await does(made, 20)
        await made.at(49.75)
        assert await subjects(made) == [B, A]
        await made.at(50)
        assert await subjects(made) == [B, A, A]


@asynchronous
async def test_mastered_workflow_is_suppressed_and_the_other_is_not(tmp_path: Path) -> None:
    user = KnownUser(workflows=dict(tried(state="mastered"), **{B: WorkflowMemory(B)}))
    follower = KnownFollower(user, KnownPaths(under_way()))
    async with made_of(tmp_path, "builtin: workflow_stall", follower) as made:
        await does(made, 0)
        assert await subjects(made) == [B]
        told = (await made.explainer.explain("u1"))["triggers"][0]
        assert told["about"] == B


@asynchronous
async def test_rule_on_mastery_fires_for_masters_unless_skip_mastered(tmp_path: Path) -> None:
    follower = KnownFollower(KnownUser(workflows=tried(state="mastered")), KnownPaths())
    async with made_of(tmp_path, "id: r, body: More?, when: {memory: {mastered: any}}", follower) as made:
        await does(made, 0)
        assert await subjects(made) == [B]
    silent = "id: r, body: M, when: {memory: {mastered: any}}, courtesy: {skip_mastered: true}"
    async with made_of(tmp_path, silent, follower) as made:
        await does(made, 0, session="s3")
        assert await made.offers() == [], "what is written counts"


@asynchronous
async def test_negated_condition_considers_every_workflow(tmp_path: Path) -> None:
    """A suppressed workflow must not make a "not" true."""
    follower = KnownFollower(IN_PROGRESS, KnownPaths())
    entry = (
        "id: r, body: B, when: {all: [{on_page: /projects}, "
        f"{{any: [{{memory: {{in_progress: {A}}}}}, {{not: {{memory: {{in_progress: {A}}}}}}}]}}]}}"
    )
    async with made_of(tmp_path, entry, follower) as made:
        await does(made, 0)
        await made.reported(made.open_offer(), "never")
        await does(made, 10)
        await does(made, 20)
        assert await subjects(made) == [A]


#: Each trigger that is about no workflow, and actions that make it fire on a page.
_CLICKS = {"type": "click", "signal": "rage_click"}
OF_A_PAGE: Mapping[str, tuple[str, Mapping[str, Any], float]] = {
    "rage_click": ("builtin: rage_click", _CLICKS, 0),
    "dead_click": ("builtin: dead_click", {**_CLICKS, "signal": "dead_click"}, 0),
    "repeated_failure": ("builtin: repeated_failure, at_least: 1", _CLICKS, 0),
    "user_page_dwell": ("builtin: user_page_dwell, dwell: 5s", {}, 6),
    "a rule": ("id: mine, body: B, when: {count: {title: view, at_least: 1}}", {}, 0),
    "a predicate": ("id: mine, body: B, predicate: 'operator:truth'", {}, 0),
}


@pytest.mark.parametrize("name", OF_A_PAGE)
@pytest.mark.parametrize("answer", ["accepted", "dismissed", "never"])
@asynchronous
async def test_answer_without_a_workflow_applies_to_the_page(tmp_path: Path, name: str, answer: str) -> None:
    entry, fields, after = OF_A_PAGE[name]
    async with made_of(tmp_path, entry) as made:
        await does(made, 0, **fields)
        await made.at(after)
        await made.reported(made.open_offer(), answer)
        await does(made, 20, **fields)
        await made.at(40)
        assert await subjects(made) == [PAGE]
        await does(made, 50, OTHER, **fields)
        await made.at(60)
        assert await subjects(made) == [PAGE, OTHER]


@asynchronous
async def test_ping_pong_between_other_pages_is_offered_again(tmp_path: Path) -> None:
    async with made_of(tmp_path, "builtin: canonical_url_ping_pong") as made:
        for at, page in enumerate((PAGE, OTHER, PAGE)):
            await does(made, at, page)
        await made.reported(made.open_offer(), "accepted")
        for at, name in enumerate(("plans", "team", "plans", "team"), 10):
            await does(made, at, f"https://app.example.com/{name}")
        assert len(await made.offers()) == 2


@asynchronous
async def test_stored_session_retains_its_suppressed_workflows(tmp_path: Path) -> None:
    entry, follower = OF_ANY_WORKFLOW["next_step"]
    async with made_of(tmp_path, entry, follower) as made:
        await does(made, 0)
        await made.reported(made.open_offer(), "never")
        await does(made, 10)
        session = await made.session()
        again = decode_session(encode_session(session), made.settings.session)
        assert again.triggers.silenced("next_step", made.clock()) == session.triggers.silenced(
            "next_step", made.clock()
        )
        assert set(again.triggers.silenced("next_step", made.clock())) == {A}
