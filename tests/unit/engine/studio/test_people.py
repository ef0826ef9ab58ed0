"""The studio's requests about people: search, who would benefit, export and deletion."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.background import eventually
from support.engine_parts import T0, Clock, Publisher, action, batch
from support.run import asynchronous

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.base import SessionRecord
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.studio.person import Person
from rasa_autoplay.engine.studio.user_data import user_fingerprint
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Batch, Event, FeedInfo, FeedOpened
from rasa_autoplay.link.studio_requests import DeleteUser, ExportUser, FindPeople, FindPerson
from rasa_autoplay.settings.yaml_file import YamlFile

AUTOPLAY = """
product_id: demo
golden_paths: paths
courtesy: {min_interval: 0, snooze: 1h}
recording: {keep: 7d}
triggers:
  - {id: exports, when: {count: {title: save, at_least: 2}}, body: "Shall I?", golden_path: export}
  - {id: slow, when: {idle: 4m}, body: "Still there?", golden_path: export, courtesy: {snooze: 2d}}
"""
EXPORT = """
id: export
title: Export a report
page: /reports
steps:
  - {id: menu, title: Menu, text: Open it., done_when: {element_id: menu}}
  - {id: format, title: Format, text: Choose one., done_when: {element_id: format}}
"""


class _Studio:
    def __init__(self, folder: Path) -> None:
        (folder / "paths").mkdir()
        (folder / "autoplay.yml").write_text(AUTOPLAY)
        (folder / "paths" / "export.yml").write_text(EXPORT)
        self.clock = Clock()
        self.publisher = Publisher()
        self.engine = Engine(YamlFile(folder / "autoplay.yml"), self.publisher, self.clock)
        self._number = 1

    async def send(self, *messages: Any) -> None:
        await self.engine.apply_batch(
            Batch("d1", "demo", self.engine.engine_id, self._number, list(messages))
        )
        self._number += len(messages)
        await self.engine.finish_pending()

    async def find(self, **query: Any) -> dict[str, Any]:
        answer: Any = await self.engine.answer(FindPeople(**query))
        msgspec.json.encode(answer)
        return dict(answer.people)

    async def ids(self, **query: Any) -> list[str]:
        return [each["user_id"] for each in (await self.find(**query))["people"]]

    async def stores(self, user: str, at: float, *findings: PathFinding, **properties: Any) -> None:
        """Store a session that ended at a time."""
        analysis = SessionAnalysis(
            "demo", user, f"of {user} at {at}", T0 + at - 60, T0 + at, 5, list(findings), "", properties
        )
        assert await self.engine.stores.memory.save([SessionRecord(analysis)])

    async def answers(self, user: str, status: OfferStatus, at: float, trigger: str = "exports") -> None:
        offer = Offer(f"of {user}", trigger, "?", "demo", "s", user, T0 + at, T0 + at + 60, T0 + at, "export")
        offer.status, offer.rendered_at = status, T0 + at
        assert await self.engine.stores.ledger.save(offer)


@asynccontextmanager
async def _studio(folder: Path) -> AsyncIterator[_Studio]:
    studio = _Studio(folder)
    try:
        yield studio
    finally:
        await studio.engine.stop()
        shutil.rmtree(folder / "paths")


def _tried(done: list[str], **more: Any) -> PathFinding:
    complete = len(done) == 2
    missed = [step for step in ("menu", "format") if step not in done]
    return PathFinding("export", 1, int(complete), 50.0 * len(done), done, missed, **more)


@asynchronous
async def test_finds_users_by_id_and_by_property(tmp_path: Path) -> None:
    async with _studio(tmp_path) as studio:
        await studio.stores("ann@acme.test", 0, plan="Pro", seats=5, team='the "A" team')
        await studio.stores("BEN", 10, plan="free")
        await studio.stores("cleo_100%", 20)
        assert await studio.ids() == ["cleo_100%", "BEN", "ann@acme.test"]
        assert await studio.ids(query="ben") == ["BEN"]
        assert await studio.ids(query="PRO") == ["ann@acme.test"]
        assert await studio.ids(query="plan = pro") == ["ann@acme.test"]
        assert await studio.ids(query="seats=5") == ["ann@acme.test"]
        assert await studio.ids(query='"a"') == ["ann@acme.test"]
        assert await studio.ids(query="100%") == ["cleo_100%"]
        assert await studio.ids(query="%") == ["cleo_100%"]
        assert await studio.ids(query="plan") == [], "names of properties are no values"
        assert await studio.ids(limit=1) == ["cleo_100%"]


@asynchronous
async def test_shows_what_the_newest_session_says_of_the_properties(tmp_path: Path) -> None:
    async with _studio(tmp_path) as studio:
        await studio.stores("ann", 0, plan="free")
        await studio.stores("ann", 10, plan="pro")
        assert await studio.ids(query="plan=free") == []
        (person,) = (await studio.find())["people"]
        assert (person["session_count"], person["properties"]) == (2, {"plan": "pro"})
        assert (person["first_seen_at"], person["last_seen_at"]) == (T0 - 60, T0 + 10)


@asynchronous
async def test_filters_by_state(tmp_path: Path) -> None:
    async with _studio(tmp_path) as studio:
        await studio.stores("master", 0, _tried(["menu", "format"]))
        for at in range(3):
            await studio.stores("struggler", at, _tried(["menu"], failed={"format": 1}))
        for user in ("sleepy", "never", "awake", "long"):
            await studio.stores(user, 5, _tried(["menu"]))
        await studio.answers("sleepy", OfferStatus.SNOOZED, -3000)
        await studio.answers("awake", OfferStatus.SNOOZED, -4000)
        await studio.answers("never", OfferStatus.NEVER, -400_000)
        await studio.answers("long", OfferStatus.DISMISSED, -100_000, "slow")
        assert await studio.ids(state="mastered") == ["master"]
        assert await studio.ids(state="struggling") == ["struggler"]
        assert sorted(await studio.ids(state="snoozed")) == ["long", "never", "sleepy"]
        assert (await studio.find())["counts"] == {"mastered": 1, "struggling": 1, "snoozed": 3}
        (never,) = (await studio.find(query="never", state="snoozed"))["people"]
        assert [(each["status"], each["until"]) for each in never["silences"]] == [("never", None)]


@asynchronous
async def test_names_those_who_would_benefit_now(tmp_path: Path) -> None:
    async with _studio(tmp_path) as studio:
        await studio.stores("master", 0, _tried(["menu", "format"]))
        await studio.stores("new", 50)
        await studio.stores("began", 10, _tried(["menu"]))
        for at in range(3):
            await studio.stores("struggler", at, _tried(["menu"], failed={"format": 1}))
        await studio.stores("quiet", 90, _tried(["menu"]))
        await studio.answers("quiet", OfferStatus.NEVER, 0)
        found = await studio.find(path_id="export")
        assert [(each["user_id"], each["benefit"]["reason"]) for each in found["people"]] == [
            ("struggler", "struggles"),
            ("began", "began"),
            ("new", "never_tried"),
            ("quiet", "began"),
        ]
        assert found["people"][0]["benefit"]["text"] == "Struggles: repeated attempts, 3×."
        assert found["people"][-1]["benefit"]["quiet_until"] == "ever"
        # Those on the path's page come first, whatever they have done before.
        await studio.send(Event(batch(action("Open", 0, "/reports"), user="new", session="s9"), "capture"))
        found = await studio.find(path_id="export")
        assert [each["user_id"] for each in found["people"]][:2] == ["new", "struggler"]
        assert found["people"][0]["live"]["on_path"] is True


@asynchronous
async def test_shows_the_actions_that_prove_a_step(tmp_path: Path) -> None:
    async with _studio(tmp_path) as studio:
        clicks = [action("Click Menu", 0, "/reports", element_id="menu")]
        clicks.append(action("Click PDF", 5, "/reports", element_id="format"))
        await studio.send(Event(batch(*clicks, user="ann"), "capture"))
        assert await studio.engine._memory.finish_pending()
        found: Any = await studio.engine.answer(FindPerson("ann", "demo"))
        (workflow,) = found.person["workflows"]
        assert (workflow["path_id"], workflow["state"]) == ("export", "mastered")
        assert [
            (step["title"], [proof["title"] for proof in step["proofs"]]) for step in workflow["steps"]
        ] == [
            ("Menu", ["Click Menu"]),
            ("Format", ["Click PDF"]),
        ]
        assert workflow["steps"][1]["proofs"][0] == {
            "at": T0 + 5,
            "title": "Click PDF",
            "signal": "",
            "session_id": "s1",
        }
        with pytest.raises(EngineRefused):
            await studio.engine.answer(FindPerson("nobody", "demo"))


@asynchronous
async def test_deletes_a_user_who_is_using_the_app(tmp_path: Path) -> None:
    async with _studio(tmp_path) as studio:
        await studio.stores("ann", -500, _tried(["menu"]))
        await studio.stores("ben", -500, _tried(["menu"]))
        await studio.send(FeedOpened(FeedInfo("f1", "ann")))
        saves = [Event(batch(action("save", at, "/reports"), user="ann"), "capture") for at in (-2, -1)]
        await studio.send(*saves)
        assert len(studio.publisher.toasts) == 1
        assert await studio.engine._memory.finish_pending()
        recorder = studio.engine._recording._recorder
        await eventually(lambda: recorder is not None and recorder.is_written, what="a recording")
        exported: Any = await studio.engine.answer(ExportUser("ann", "demo", "Cleo"))
        assert len(exported.export["sessions"]) == 2
        assert len(exported.export["offers"]) == 1

        deleted: Any = await studio.engine.answer(DeleteUser("ann", "demo", "Cleo"))
        assert deleted.deleted["sessions"] == 2
        assert deleted.deleted["offers"] == 1
        assert deleted.deleted["recordings"] > 0
        assert await studio.engine.sessions.latest_of("demo", "ann") is None
        assert studio.engine._live.open_offers.of_user("ann") is None
        assert await studio.engine._memory.finish_pending()
        await studio.engine.sessions.clear()
        assert await studio.engine._memory.finish_pending()
        exported = await studio.engine.answer(ExportUser("ann", "demo", "Cleo"))
        assert {name: rows for name, rows in exported.export.items() if isinstance(rows, list) and rows} == {}
        assert await studio.ids() == ["ben"]
        changes = await studio.engine.stores.change_log.since("demo", 0)
        assert changes is not None
        assert [(each.kind.value, each.who, each.fingerprint) for each in changes] == [
            ("user_exported", "Cleo", user_fingerprint("demo", "ann")),
            ("user_deleted", "Cleo", user_fingerprint("demo", "ann")),
            ("user_exported", "Cleo", user_fingerprint("demo", "ann")),
        ]


@asynchronous
async def test_refuses_what_does_not_exist(tmp_path: Path) -> None:
    async with _studio(tmp_path) as studio:
        for request in (FindPeople(state="happy"), FindPeople(path_id="import"), DeleteUser("a", "x", "b")):
            with pytest.raises(EngineRefused):
                await studio.engine.answer(request)


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text() | st.booleans() | st.integers()))
def test_every_person_matches_a_part_of_the_own_id(text: str, properties: dict[str, Any]) -> None:
    person = Person(f"id {text}", properties, 1, 0, 0, "s", [], {}, [], [], [])
    assert person.matches(text.partition("=")[0])
    for name, value in properties.items():
        if name.strip() == name and "=" not in name and isinstance(value, int):
            assert person.matches(f"{name}={str(value).lower()}")
