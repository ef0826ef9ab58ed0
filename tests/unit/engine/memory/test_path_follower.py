"""What triggers learn about workflows through the driver: stalling, skipping, leaving, first visits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, EngineParts, action, batch
from support.rules import KnownUser
from support.run import asynchronous
from support.visits import APP, CHECKED, did, parts

from rasa_autoplay.engine.knowledge.user_progress import PathPosition, WorkflowMemory


async def positions(made: EngineParts) -> dict[str, PathPosition]:
    facts = made.follower.workflow_progress(await made.session())
    assert facts is not None
    return dict(facts.positions)


@asynchronous
async def test_reports_a_sessions_progress(tmp_path: Path) -> None:
    async with parts(tmp_path, path=CHECKED) as made:
        await made.take(batch(did("other", 0)))
        session = await made.session()
        assert await positions(made) == {}
        assert session.step_evidence is None, "what fits no path costs nothing"
        await made.take(batch(did("menu", 1), did("elsewhere", 2)))
        assert await positions(made) == {
            "export": PathPosition("Export a report", "Open Export", "Choose", 1, 4, T0 + 1, actions_since=1)
        }
        await made.take(batch(did("download", 3, "/files")))
        assert await positions(made) == {
            "export": PathPosition(
                "Export a report", "Download", "Check it", 2, 4, T0 + 3, skipped_step="Choose"
            )
        }
        await made.take(batch(did("format", 4)))
        (going_on,) = (await positions(made)).values()
        assert (going_on.finished, going_on.next_step, going_on.skipped_step) == (False, "Check it", "")
        await made.take(batch(did("check", 5)))
        (finished,) = (await positions(made)).values()
        assert (finished.finished, finished.next_step) == (True, "")


@pytest.mark.parametrize(
    ("page", "off"), [("/reports/:id", False), ("/files", False), ("/settings", True), ("", False)]
)
@asynchronous
async def test_visiting_a_page_outside_the_path_leaves_it(tmp_path: Path, page: str, off: bool) -> None:
    async with parts(tmp_path) as made:
        await made.take(batch(did("menu", 1)))
        here = action("Looked around", 2, f"{APP}{page}" if page else "")
        await made.take(batch(here))
        assert (await positions(made))["export"].off_path is off


@asynchronous
async def test_repeated_actions_add_no_evidence(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        for _ in range(3):
            await made.take(batch(did("menu", 1), did("format", 2)))
        evidence = (await made.session()).step_evidence
        assert evidence is not None
        assert [proof.title for proof in evidence["export"]] == ["Click menu", "Click format"]


@asynchronous
async def test_offers_the_next_step_to_a_stalled_user_by_time_alone(tmp_path: Path) -> None:
    async with parts(tmp_path, None, "  - {builtin: workflow_stall, for: 60s}\n") as made:
        made.clock.now = T0 + 1
        await made.take(batch(did("menu", 1)))
        await made.at(60.75)
        assert await made.offers() == []
        await made.at(61.25)
        (offer,) = await made.offers()
        assert offer.body == "Still on “Open Export”? “Choose” comes next. Want me to show you where?"


@asynchronous
async def test_offers_the_next_step_after_many_actions_at_one_step(tmp_path: Path) -> None:
    async with parts(tmp_path, None, "  - {builtin: workflow_stall, actions: 3}\n") as made:
        made.clock.now = T0 + 5
        await made.take(batch(did("menu", 1), did("a", 2), did("b", 3)))
        assert await made.offers() == []
        await made.take(batch(did("c", 4)))
        assert len(await made.offers()) == 1


@asynchronous
async def test_names_the_skipped_step(tmp_path: Path) -> None:
    async with parts(tmp_path, None, "  - {builtin: skipped_step}\n", CHECKED) as made:
        made.clock.now = T0 + 5
        await made.take(batch(did("menu", 1), did("download", 3, "/files")))
        (offer,) = await made.offers()
        assert "“Choose”" in offer.body


UNTOUCHED = {"export": WorkflowMemory("Export a report")}
TRIED = {"export": WorkflowMemory("Export a report", "in_progress", 2, 66.7, "Choose")}


@pytest.mark.parametrize(("past", "offers"), [(UNTOUCHED, 1), (TRIED, 0), (None, 0)])
@asynchronous
async def test_first_time_applies_only_when_the_history_is_known(
    tmp_path: Path, past: Any, offers: int
) -> None:
    async with parts(tmp_path, None, "  - {builtin: first_time}\n") as made:
        made.clock.now = T0 + 5
        await made.take(batch(did("other", 0)))
        session = await made.session()
        session.user_history = None if past is None else KnownUser(workflows=past)
        await made.take(batch(did("menu", 1)))
        assert len(await made.offers()) == offers


@asynchronous
async def test_does_not_mention_last_time_right_after_completion(tmp_path: Path) -> None:
    async with parts(tmp_path, None, "  - {builtin: repeat_attempt}\n") as made:
        made.clock.now = T0 + 5
        await made.take(batch(user=None), batch(did("menu", 1), did("format", 2), user=None))
        session = await made.session()
        session.user_history = KnownUser(workflows=TRIED)
        await made.take(batch(did("download", 3, "/files")))
        facts = made.follower.user_history(session)
        assert facts is not None
        mastered = WorkflowMemory("Export a report", "mastered", 2, 100.0, completions=1)
        assert facts.workflows["export"] == mastered
        assert await made.offers() == []


@asynchronous
async def test_next_user_of_a_session_sees_no_facts_of_the_former(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        made.clock.now = T0 + 5
        await made.take(batch(did("menu", 1)))
        session = await made.session()
        session.user_history = KnownUser(workflows=TRIED)
        await made.take(batch(did("other", 3), user="u2"))
        session = await made.session()
        assert session.step_evidence is None
        assert session.user_history is None
        assert session.began_at == T0 + 3
