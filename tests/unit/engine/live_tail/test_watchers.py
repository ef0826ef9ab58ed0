"""Watchers see what happens in an engine; a slow one loses events, without affecting others."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, Clock, action, batch, save
from support.run import asynchronous, passes

from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.live_tail.watchers import MAX_MOMENTS, Watchers
from rasa_autoplay.link.answers import Moments
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Batch, Delivered, Event, FeedInfo, FeedOpened, UpMessage
from rasa_autoplay.link.requests import Acknowledge, Watch
from rasa_autoplay.settings.yaml_file import YamlFile

AUTOPLAY = """\
product_id: demo
courtesy: {min_interval: 5m}
triggers:
  - id: saves
    body: Shall I?
    when: {count: {title: save changes, page: /projects, at_least: 3, within: 120s}}
"""


class _Deaf:
    def push(self, _gateway_id: str, _frame: object) -> bool:
        return True


class _Running:
    """An engine whose clock stands still, and a gateway that sends it messages."""

    def __init__(self, folder: Path) -> None:
        (folder / "autoplay.yml").write_text(AUTOPLAY, "utf-8")
        self.clock = Clock(T0 + 60)
        self.engine = Engine(YamlFile(folder / "autoplay.yml"), _Deaf(), self.clock)
        self._sent = 0

    async def send(self, *messages: UpMessage) -> None:
        await self.engine.apply_batch(
            Batch("d1", "demo", self.engine.engine_id, self._sent + 1, list(messages))
        )
        self._sent += len(messages)
        await self.engine.finish_pending()

    async def saves(self, *at: float, **whose: str) -> None:
        await self.send(*(Event(batch(save(each), **whose), "capture") for each in at))

    async def watch(self, watch_id: str = "w1", **more: Any) -> Moments:
        answer = await self.engine.answer(Watch(watch_id, **more))
        assert isinstance(answer, Moments)
        return answer


@asynchronous
async def test_reports_actions_decisions_and_offers_as_they_happen(tmp_path: Path) -> None:
    made = _Running(tmp_path)
    assert await made.watch() == Moments([], begun=True)
    await made.send(FeedOpened(FeedInfo("f1", "u1")))
    await made.saves(10, 20, 30)
    told = await made.watch()
    assert (told.lost, told.begun) == (0, False)
    of_user = {"user_id": "u1", "session_id": "s1"}
    first, *_ = moments = told.moments
    assert first == {
        "kind": "action",
        "at": T0 + 10,
        **of_user,
        "type": "click",
        "title": "Click Save changes",
        "page": "https://app.example.com/projects/:id/edit",
        "source": "capture",
    }
    assert [(each["kind"], each.get("outcome")) for each in moments] == [
        ("action", None),
        ("action", None),
        ("action", None),
        ("decision", "fired"),
        ("decision", "offered"),
    ]
    offer_id = await _offer_of(made)
    assert moments[-1]["offer_id"] == offer_id
    await made.send(Delivered(offer_id, ["f1"], "u1"))
    await made.engine.answer(Acknowledge(offer_id, "dismissed"))
    became = (await made.watch()).moments
    assert [(each["kind"], each["status"], each["body"]) for each in became] == [
        ("offer", "sent", "Shall I?"),
        ("offer", "dismissed", "Shall I?"),
    ]
    await made.engine.stop()


@asynchronous
async def test_reports_to_everybody_that_a_pause_begins_and_ends(tmp_path: Path) -> None:
    made = _Running(tmp_path)
    await made.watch()
    await made.watch("w2", user_id="somebody else")
    await made.engine.start()
    log = SqlChangeLog(f"sqlite:///{tmp_path / 'autoplay.db'}")
    for kind, why in ((ChangeKind.PAUSED, "wrong words"), (ChangeKind.RESUMED, "")):
        await log.append(Change(new_change_id(), "demo", 1.0, kind, "bulk", "Ann", why))
        for watch_id in ("w1", "w2"):
            (moment,) = (await made.watch(watch_id, wait_s=10.0)).moments
            assert (moment["kind"], moment["outcome"], moment["at"]) == ("pause", kind.value, made.clock())
            assert (moment["trigger_id"], moment["who"], moment["why"]) == ("bulk", "Ann", why)
            assert moment["text"] == f"Ann {kind.value} bulk{': wrong words' if why else ''}"
        paused = [{"trigger_id": "bulk", "at": 1.0}] if kind is ChangeKind.PAUSED else []
        assert made.engine.health()["pauses"] == paused, "without names: health is public"
    await log.close()
    await made.engine.stop()


@asynchronous
async def test_reports_the_reason_of_a_gate(tmp_path: Path) -> None:
    made = _Running(tmp_path)
    await made.saves(10, 20, 30)
    await made.engine.answer(Acknowledge(await _offer_of(made), "dismissed"))
    await made.watch()
    # In a new session; otherwise the first one's cooldown would stop every trigger.
    await made.saves(41, 42, 43, session="s2")
    stopped: list[dict[str, Any]] = [
        each for each in (await made.watch()).moments if each.get("outcome") == "stopped"
    ]
    assert [(each["trigger_id"], bool(each["gate"]), bool(each["detail"])) for each in stopped] == [
        ("saves", True, True)
    ]
    assert stopped[0].get("for_ever") or stopped[0]["until"] > made.clock()
    await made.engine.stop()


async def _offer_of(made: _Running) -> str:
    (offer,) = await made.engine.stores.ledger.history("demo", "u1")
    return offer.offer_id


@asynchronous
async def test_does_not_report_resent_events_again(tmp_path: Path) -> None:
    made = _Running(tmp_path)
    await made.watch()
    await made.saves(10)
    await made.saves(10, 11)
    assert [each["at"] for each in (await made.watch()).moments] == [T0 + 10, T0 + 11]
    await made.engine.stop()


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ({}, ["s1", "s2", "s3"]),
        ({"user_id": "anna"}, ["s1", "s2"]),
        ({"session_id": "s2"}, ["s2"]),
        ({"user_id": "ben", "session_id": "s2"}, []),
    ],
)
def test_watcher_sees_only_the_requested_user(
    tmp_path: Path, wanted: dict[str, str], seen: list[str]
) -> None:
    async def watch() -> None:
        made = _Running(tmp_path)
        await made.watch(**wanted)
        for user, session in (("anna", "s1"), ("anna", "s2"), ("ben", "s3")):
            await made.saves(10, user=user, session=session)
        assert [each["session_id"] for each in (await made.watch()).moments] == seen
        await made.engine.stop()

    asyncio.run(watch())


@asynchronous
async def test_slow_watcher_loses_only_its_own_oldest_events() -> None:
    watchers = Watchers(Clock())
    await watchers.watch("slow")
    await watchers.watch("quick")
    for number in range(MAX_MOMENTS + 3):
        watchers.actions("capture", [action("Click", float(number), session_id="s1")])
        assert len((await watchers.watch("quick")).moments) == 1
    told = await watchers.watch("slow")
    assert told.lost == 3
    assert [each["at"] for each in told.moments] == [T0 + number for number in range(3, MAX_MOMENTS + 3)]
    assert (await watchers.watch("slow")).lost == 0


@asynchronous
async def test_answers_a_waiting_request_as_soon_as_something_happens() -> None:
    watchers = Watchers(Clock())
    await watchers.watch("w1")
    waiting = asyncio.ensure_future(watchers.watch("w1", wait_s=600))
    await passes()
    assert not waiting.done()
    watchers.actions("capture", [action("Click", 1, session_id="s1")])
    assert len((await asyncio.wait_for(waiting, 60.0)).moments) == 1
    assert (await watchers.watch("w1", wait_s=0.01)).moments == []


@asynchronous
async def test_limits_how_long_a_request_can_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasa_autoplay.engine.live_tail.watchers._MAX_WAIT_S", 0.05)
    watchers = Watchers(Clock())
    await watchers.watch("w1")
    answer = await asyncio.wait_for(watchers.watch("w1", wait_s=1e9), 60.0)
    assert answer.moments == []


@asynchronous
async def test_forgets_an_absent_watcher_which_then_starts_afresh() -> None:
    clock = Clock()
    watchers = Watchers(clock)
    await watchers.watch("gone")
    clock.now += 31
    watchers.actions("capture", [action("Click", 1, session_id="s1")])
    assert len(watchers) == 0
    assert await watchers.watch("gone") == Moments([], begun=True)


@asynchronous
async def test_limits_the_number_of_watchers() -> None:
    clock = Clock()
    watchers = Watchers(clock)
    for number in range(16):
        await watchers.watch(f"w{number}")
    with pytest.raises(EngineRefused) as refused:
        await watchers.watch("one more")
    assert refused.value.kind == "too_many"
    assert refused.value.remedy
    clock.now += 31
    assert (await watchers.watch("one more")).begun


@asynchronous
async def test_stopping_answers_all_waiting_requests() -> None:
    watchers = Watchers(Clock())
    await watchers.watch("w1")
    waiting = asyncio.ensure_future(watchers.watch("w1", wait_s=600))
    await passes()
    watchers.end_all()
    assert (await asyncio.wait_for(waiting, 60.0)).moments == []
