"""Changes of an app that show in traffic are found in time; what is usual there is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from support.changing_app import CHANGES, GOLDEN_PATHS, WORKFLOWS, Change
from support.changing_app.traffic import Traffic
from support.freshness import FreshnessRun, freshness_run, is_right
from support.run import asynchronous

from rasa_autoplay.engine.freshness.suspect import Suspect
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths

#: Changes of several kinds; all others take longer.
QUICK = ("renamed-label", "moved-into-menu", "removed", "duplicated")


@cache
def paths() -> list[GoldenPath]:
    return load_golden_paths(GOLDEN_PATHS)


async def suspects_after(folder: Path, change: Change, seed: int = 7) -> list[Suspect]:
    """400 sessions as usual, then 200 sessions of all users with the changed app."""
    async with freshness_run(f"sqlite:///{folder / 'autoplay.db'}", paths()) as run:
        traffic = Traffic(seed)
        run.visit(traffic.visits(400))
        traffic.workflows = {**WORKFLOWS, change.path_id: change.workflow}
        run.visit(traffic.visits(200))
        return await run.suspects()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(each, id=each.id, marks=[] if each.id in QUICK else [pytest.mark.slow])
        for each in CHANGES
    ],
)
@asynchronous
async def test_finds_what_shows_in_traffic_within_200_sessions(change: Change, tmp_path: Path) -> None:
    found = await suspects_after(tmp_path, change)
    if not change.shows_in_traffic:
        assert found == []
        return
    (suspect,) = found
    assert suspect.key == (change.path_id, change.step_id)
    assert is_right(suspect.replacement, change), suspect.replacement


@pytest.mark.parametrize("seed", [1, *(pytest.param(each, marks=pytest.mark.slow) for each in range(2, 12))])
@asynchronous
async def test_1000_sessions_of_the_unchanged_app_raise_no_alarm(seed: int, tmp_path: Path) -> None:
    async with freshness_run(f"sqlite:///{tmp_path / 'autoplay.db'}", paths()) as run:
        traffic = Traffic(seed, users=20 + 10 * (seed % 5))
        for _ in range(4):
            run.visit(traffic.visits(250))
            assert await run.suspects() == []


@asynchronous
async def test_a_seasonal_path_that_is_used_again_is_not_suspect(tmp_path: Path) -> None:
    """For months, nobody uses the workflow, or only its first page."""
    async with freshness_run(f"sqlite:///{tmp_path / 'autoplay.db'}", paths()) as run:
        traffic = Traffic(3)
        run.visit(traffic.visits(150))
        begin = {"reports": WORKFLOWS["monthly-report"]["reports"]}
        traffic.workflows = {**WORKFLOWS, "monthly-report": begin}
        run.visit(traffic.visits(250))
        traffic.workflows = WORKFLOWS
        run.visit(traffic.visits(100))
        assert await run.suspects() == []


def test_the_changes_are_those_of_the_issue() -> None:
    assert len(CHANGES) == 30
    assert sum(change.shows_in_traffic for change in CHANGES) == 24


@asynchronous
async def test_two_engines_add_up_and_agree(tmp_path: Path) -> None:
    """Each engine sees half of the users; a third one, started later, knows the suspicion."""
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    change = next(each for each in CHANGES if each.id == "changed-id")
    async with freshness_run(url, paths()) as one, freshness_run(url, paths()) as other:
        runs: list[FreshnessRun] = [one, other]
        traffic = Traffic(7)
        for workflows, count in ((WORKFLOWS, 400), ({**WORKFLOWS, change.path_id: change.workflow}, 200)):
            traffic.workflows = workflows
            for visit in traffic.visits(count):
                runs[sum(visit.user_id.encode()) % 2].visit([visit])
            for run in runs:
                await run.suspects()
        found = await one.suspects()
        assert [each.key for each in found] == [(change.path_id, change.step_id)]
        assert await other.suspects() == found
        async with freshness_run(url, paths()) as third:
            assert await third.suspects() == found
