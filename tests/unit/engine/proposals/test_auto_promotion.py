"""The engine promotes by itself only if it may, one engine of several, and at most one step at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.databases import KINDS, empty_database
from support.engine_parts import T0, save
from support.proposals import write_proposal
from support.reloading import RewrittenEngine, rewritten
from support.run import asynchronous

from rasa_autoplay.engine.changes.change import Change
from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
from rasa_autoplay.engine.proposals import auto_promotion
from rasa_autoplay.engine.proposals.sql.turns import PromotionTurns
from rasa_autoplay.engine.proposals.stage import Stage

TRIGGER = """\
id: {id}
when: {{count: {{title: Save changes, at_least: 2}}}}
body: "May I help?"
goal: {{count: {{title: Bulk edit, at_least: 1}}, within: 1d}}
"""


def _file(promote: str, more: str = "") -> str:
    return f"product_id: demo\ncourtesy: {{min_interval: 0}}\ndiscover: {{promote: {promote}}}\n{more}"


async def _log(folder: Path) -> list[Change]:
    log = SqlChangeLog(f"sqlite:///{folder / 'autoplay.db'}")
    found = await log.since("demo", 0.0)
    await log.close()
    assert found is not None
    return [change for change in found if change.kind.value == "promoted"]


def _promotion(made: RewrittenEngine) -> dict[str, Any]:
    found: dict[str, Any] = made.engine.health()["promotion"]
    return found


@asynchronous
async def test_takes_one_step_and_the_running_engine_records_decisions(tmp_path: Path) -> None:
    write_proposal(tmp_path / "proposals", "p", trigger=TRIGGER)
    async with rewritten(tmp_path, _file("auto")) as made:
        await made.engine._auto_promotion.look()
        assert "rollout: ghost" in made.file.read_text()
        assert _promotion(made) == {"looked_at": T0, "steps": 1}
        await made.rewrite()
        await made.listen()
        await made.act(save(1), save(2))
        assert made.bodies() == [], "a ghost shows nothing"
        status = await made.engine._auto_promotion._promotion.status("p")
        assert status.placed.stage is Stage.GHOST
        assert status.record is not None
        assert status.record.figures.ghost is not None
        assert (status.record.figures.ghost.fires, status.record.figures.ghost.users) == (1, 1)
        await made.engine._auto_promotion.look()
        assert "rollout: ghost" in made.file.read_text(), "nothing is decided yet"
    (change,) = await _log(tmp_path)
    assert (change.who, change.detail) == ("the rule", "from draft to ghost")


@asynchronous
async def test_a_forced_trial_and_live_reach_the_running_engine(tmp_path: Path) -> None:
    write_proposal(tmp_path / "proposals", "p", trigger=TRIGGER)
    async with rewritten(tmp_path, _file("never")) as made:
        promotion = made.engine._auto_promotion._promotion
        for stage, bodies in ((Stage.GHOST, []), (Stage.LIVE, ["May I help?"])):
            status = await promotion.status("p")
            await promotion.take(await promotion.prepare(status, stage), "Ann", "we know it")
            await made.rewrite()
            user = f"user-{stage.value}"
            await made.listen(user)
            now = made.clock.now - T0
            await made.act(save(now + 1), save(now + 2), user=user, session=user)
            assert made.bodies() == bodies


@asynchronous
async def test_never_does_anything_without_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto_promotion.AutoPromotion.__init__, "__defaults__", (0.01,))
    write_proposal(tmp_path / "proposals", "p", trigger=TRIGGER)
    before = _file("never")
    async with rewritten(tmp_path, before) as made:
        await made.engine.start()
        counted = made.engine._auto_promotion._settings = _Counted(made.engine._auto_promotion._settings)
        await eventually(lambda: counted.calls >= 3, what="three looks")
        assert made.file.read_text() == before
        assert "promotion" not in made.engine.health()
        await made.rewrite(_file("auto"))
        await eventually(lambda: "rollout: ghost" in made.file.read_text(), what="the step")


class _Counted:
    """Counts how often the settings are asked for."""

    def __init__(self, settings: Any) -> None:
        self._settings, self.calls = settings, 0

    def __call__(self) -> Any:
        self.calls += 1
        return self._settings()


@asynchronous
async def test_a_file_that_cannot_be_written_is_named_in_health(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_proposal(tmp_path / "proposals", "p", trigger=TRIGGER)
    write_proposal(tmp_path / "proposals", "q", trigger=TRIGGER)

    def refuse(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    async with rewritten(tmp_path, _file("auto")) as made:
        monkeypatch.setattr("tempfile.mkstemp", refuse)
        await made.engine._auto_promotion.look()
        problem = _promotion(made)["problem"]
        assert problem.startswith("p: autoplay.yml cannot be written: Read-only file system")
        assert "q: autoplay.yml" in problem
        monkeypatch.undo()
        await made.engine._auto_promotion.look()
        assert _promotion(made)["steps"] == 2
        assert "problem" not in _promotion(made)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return empty_database(request, tmp_path)


@asynchronous
async def test_of_several_engines_one_takes_the_turn(url: str) -> None:
    several = [PromotionTurns(url, "demo") for _ in range(4)]
    try:
        assert sum(await asyncio.gather(*(each.take(100.0, 50.0) for each in several))) == 1
        assert sum(await asyncio.gather(*(each.take(149.0, 50.0) for each in several))) == 0
        assert sum(await asyncio.gather(*(each.take(150.0, 50.0) for each in several))) == 1
        await several[0].postpone(160.0)
        assert not await several[1].take(159.0, 50.0)
        assert await several[1].take(160.0, 50.0)
    finally:
        for each in several:
            await each.close()
