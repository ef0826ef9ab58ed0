"""The engine as a whole, built from its file: messages from gateways, and its answers."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.background import eventually
from support.engine_parts import T0, Clock, Publisher, action, batch, save
from support.language_model import FREE_WORDS, LanguageModelServer
from support.run import asynchronous, passes

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.sessions.base import SessionTimer
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SummaryPayload, UsertourTrigger
from rasa_autoplay.link.base import EngineRefused, read_reply
from rasa_autoplay.link.messages import (
    Batch,
    ChatDelivery,
    ChatMessage,
    Delivered,
    Event,
    FeedClosed,
    FeedInfo,
    FeedOpened,
    FeedSnapshot,
    UpMessage,
)
from rasa_autoplay.link.replies import reply_to
from rasa_autoplay.link.request_decoder import REQUESTS
from rasa_autoplay.link.request_types import answer_type
from rasa_autoplay.settings.yaml_file import YamlFile

ROOT = Path(__file__).parents[3]
AUTOPLAY = """\
product_id: demo
session: {interaction_timeout: 10s, cooldown: 20s}
courtesy: {min_interval: 0}
triggers:
  - predicate: "example_bot.triggers:bulk_edit_opportunity"
    id: bulk_edit_opportunity
    body: "Shall I show you how?"
    golden_path: projects-bulk-edit
golden_paths: golden_paths
"""


class Running:
    """An engine, a gateway that sends it numbered batches, and its clock."""

    def __init__(self, folder: Path, more: str = "") -> None:
        (folder / "autoplay.yml").write_text(AUTOPLAY + more, encoding="utf-8")
        if not (folder / "golden_paths").exists():
            shutil.copytree(ROOT / "example_bot" / "golden_paths", folder / "golden_paths")
        self.folder = folder
        self.clock = Clock()
        self.publisher = Publisher()
        self.engine = Engine(YamlFile(folder / "autoplay.yml"), self.publisher, self.clock)
        self._number = 1

    async def send(self, *messages: UpMessage, gateway: str = "d1") -> None:
        await self.engine.apply_batch(
            Batch(gateway, "demo", self.engine.engine_id, self._number, list(messages))
        )
        self._number += len(messages)
        await self.engine.finish_pending()

    async def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        request = msgspec.convert({"type": name, **arguments}, REQUESTS[name])
        answer = msgspec.to_builtins(await self.engine.answer(request))
        whole = (
            answer.get("explanation") or answer.get("offer") or answer.get("memory") or answer.get("health")
        )
        return dict(whole or answer)

    async def refusal(self, name: str, **arguments: Any) -> EngineRefused:
        with pytest.raises(EngineRefused) as refused:
            await self.call(name, **arguments)
        return refused.value

    async def at(self, seconds: float) -> None:
        self.clock.now = T0 + seconds
        for key in self.engine._timers.pop_due(self.clock.now):
            await self.engine._handle_timer(key)
        await self.engine.finish_pending()

    async def story(self) -> dict[str, Any]:
        """Send three saves to a user with an open feed; return the toast."""
        await self.send(FeedOpened(FeedInfo("f1", "u1")))
        await self.at(30)
        await self.send(*(Event(batch(save(at)), "capture") for at in (10, 20, 30)))
        (toast,) = self.publisher.toasts
        return toast

    def receipts(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.folder / "autoplay.db")) as connection:
            query = "SELECT event, detail FROM autoplay_receipts ORDER BY receipt_id"
            return connection.execute(query).fetchall()

    def counted(self, name: str) -> int:
        return int(self.engine.health().get(name, 0))


@asynccontextmanager
async def running(folder: Path, more: str = "") -> AsyncIterator[Running]:
    made = Running(folder, more)
    try:
        yield made
    finally:
        await made.engine.stop()


@asynchronous
async def test_handles_the_story_from_events_to_both_buttons(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rasa_autoplay")
    async with running(tmp_path) as made:
        toast = await made.story()
        assert toast["body"] == "Shall I show you how?"
        assert [tour["flow_id"] for tour in toast["tours"]] == ["projects-bulk-edit"]
        await made.send(Delivered(toast["offer_id"], ["f1"], "u1"))
        assert await made.call("acknowledge", offer_id=toast["offer_id"], event="rendered") == {
            "status": "ok"
        }
        prepared = await made.call(
            "prepare_inject", user_id="u1", trigger_id="bulk_edit_opportunity", offer_id=toast["offer_id"]
        )
        assert prepared == {
            "offer_id": toast["offer_id"],
            "trigger_id": "bulk_edit_opportunity",
            "body": "Shall I show you how?",
        }
        accepted = await made.engine.stores.ledger.get(toast["offer_id"])
        assert accepted is not None
        assert accepted.status is OfferStatus.ACCEPTED
        follow_up = await made.call(
            "follow_up", user_id="u1", trigger_id="bulk_edit_opportunity", offer_id=toast["offer_id"]
        )
        assert follow_up["source"] == "steps"
        assert '5. Press "Apply to N"' in follow_up["text"]
        await made.send(
            ChatDelivery(toast["offer_id"], 1, "delivered", "u1", "w1"),
            ChatDelivery(toast["offer_id"], 2, "delivered", "u1", "w1", "steps"),
        )
        tour = await made.call("start_tour", user_id="u1", tour_id="projects-bulk-edit")
        assert tour == {"status": "ok", "flow_id": "projects-bulk-edit", "tour_id": "projects-bulk-edit"}
        assert await made.call("step_tour", user_id="u1") == {"status": "ok"}
        assert await made.call("end_tour", user_id="u1") == {"status": "ok"}
        assert made.receipts() == [
            ("rendered", ""),
            ("accepted", "open_chat"),
            ("bubble_1_delivered", ""),
            ("bubble_2_delivered", "steps"),
        ]
        became = await made.call("offer_life", offer_id=toast["offer_id"])
        assert list(became["life"]) == ["queued", "sent", "rendered", "seen", "accepted"]
        assert [(each["bubble"], each["fate"]) for each in became["bubbles"]] == [
            (1, "delivered"),
            (2, "delivered"),
        ]
        of_user = await made.call("offers_of_user", product_id="demo", user_id="u1", limit=5)
        assert of_user["offers"] == [became]
        explained = await made.call("explain", user_id="u1")
        assert explained["offers"][0]["life"] == became["life"]
        results = await made.call("results")
        assert (results["results"]["product_id"], results["results"]["overall"]) == ("demo", None)
    told = [r.getMessage().partition(":")[0] for r in caplog.records if r.levelno == logging.INFO]
    assert told == ["trigger fired", "published", "question injected", "follow-up injected", "tour started"]


@asynchronous
async def test_time_marks_the_toast_shown_and_expired_without_receipts(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        toast = await made.story()
        await made.send(Delivered(toast["offer_id"], ["f1"], "u1"))
        await made.at(32)
        offer = made.engine._core.open_offers.get(toast["offer_id"])
        assert offer is not None
        assert offer.rendered_at == T0 + 32
        await made.at(150)
        assert made.counted("open_offers") == 0


@asynchronous
async def test_sends_to_later_feeds_and_not_to_closed_ones(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        await made.send(FeedOpened(FeedInfo("f1", "u1")), FeedClosed("f1", "u1"))
        made.clock.now = T0 + 30
        await made.send(*(Event(batch(save(at)), "capture") for at in (10, 20, 30)))
        assert not made.publisher.pushed
        await made.send(FeedSnapshot([FeedInfo("f2", "u1"), FeedInfo("f3", "u2")]))
        assert [frame.feed_ids for _, frame in made.publisher.pushed] == [["f2"]]


@asynchronous
async def test_lost_gateway_has_no_feeds(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        await made.send(FeedOpened(FeedInfo("f1", "u1")))
        assert made.counted("feeds") == 1
        made.engine.gateway_lost("d1")
        assert made.counted("feeds") == 0


@asynchronous
async def test_chat_message_suppresses_offers(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        await made.send(Event(batch(action("View", 0)), "capture"), ChatMessage("u1", "w1"))
        made.clock.now = T0 + 5
        await made.send(*(Event(batch(save(at)), "capture") for at in (1, 2, 3)))
        assert made.counted("open_offers") == 0
        await made.at(10)
        await made.at(30)
        assert made.counted("open_offers") == 1


# --- batches -----------------------------------------------------------------------------------------------


@asynchronous
async def test_recognises_repeated_messages_by_number(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        events: list[UpMessage] = [Event(batch(save(at)), "capture") for at in (1, 2, 3)]
        engine_id = made.engine.engine_id
        await made.engine.apply_batch(Batch("d1", "demo", engine_id, 1, events[:2]))
        await made.engine.apply_batch(Batch("d1", "demo", engine_id, 1, events))
        await made.engine.apply_batch(Batch("d1", "demo", engine_id, 2, events[1:]))
        assert made.counted("batches") == 3
        assert made.counted("duplicate_actions") == 0
        await made.engine.apply_batch(Batch("d2", "demo", engine_id, 1, events[:1]))
        assert made.counted("batches") == 4, "another gateway counts for itself"


@asynchronous
async def test_rejects_a_batch_for_another_engine_run(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        answer = await made.engine.apply_batch(
            Batch("d1", "demo", "another", 1, [Event(batch(save(1)), "capture")])
        )
        assert (answer.engine_id, answer.replay_window_s) == (made.engine.engine_id, 300.0)
        assert made.counted("batches") == 0


@asynchronous
async def test_rejects_a_gateway_of_another_product(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        with pytest.raises(EngineRefused, match=r"'other'.*'demo'.*agree") as refusal:
            await made.engine.apply_batch(Batch("d1", "other", made.engine.engine_id, 1, []))
        assert refusal.value.kind == "forbidden"


@asynchronous
async def test_failing_message_does_not_block_later_ones(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path) as made:
        broken = Event(batch(save(1)), "capture")
        broken.payload.actions = [None]  # type: ignore[union-attr]
        await made.send(broken, Event(batch(save(2)), "capture"))
        assert made.counted("failed_messages") == 1
        assert made.counted("actions") == 1
        assert any(record.exc_info for record in caplog.records)


@asynchronous
async def test_summary_replaces_actions_without_removing_evidence(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        await made.send(FeedOpened(FeedInfo("f1", "u1")))
        told = Event(SummaryPayload("demo", "s1", "They saved twice.", 2), "stream")
        await made.send(told)
        assert made.counted("summaries_left") == 1, "there is no such session"
        await made.at(30)
        await made.send(*(Event(batch(save(at)), "stream") for at in (10, 20)), told, told)
        assert (made.counted("summaries"), made.counted("summaries_left")) == (1, 2)
        session = await made.engine.sessions.find(("demo", "s1"))
        assert session is not None
        assert (session.context(8).text, session.context(8).actions) == ("They saved twice.", [])
        await made.send(Event(batch(save(30)), "stream"))
        assert len(made.publisher.toasts) == 1


@asynchronous
async def test_model_summarizes_the_session_periodically(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    server = LanguageModelServer(slow_s=60)
    await server.start()
    llm = f"llm: {{model: m, base_url: '{server.base_url}', timeout: 60s, summary_every: 5}}\n"
    async with running(tmp_path, llm) as made:
        await made.send(Event(batch(*(action(f"Click {at}", at) for at in range(5))), "capture"))
        assert made.engine._version.summarizer is not None
        await made.engine._version.summarizer.finish_pending()
        assert made.counted("summaries_written") == 1
        session = await made.engine.sessions.find(("demo", "s1"))
        assert session is not None
        assert session.context(8).text == FREE_WORDS
        assert [each.title for each in session.context(8).actions] == ["Click 2", "Click 3", "Click 4"]
        server.mood = "slow"
        await made.send(Event(batch(*(action(f"Click {at}", at) for at in range(5, 10))), "capture"))
    await server.close()
    assert len(server.requests) <= 2, "stopping does not wait for a slow model"


@asynchronous
async def test_tour_ordered_by_a_source_reaches_the_feed(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        await made.send(FeedOpened(FeedInfo("f1", "u1")), Event(batch(save(0)), "stream"))
        await made.send(Event(UsertourTrigger("projects-bulk-edit", "s1", "demo"), "webhook"))
        ((_, frame),) = made.publisher.pushed
        assert frame.event == "tour"
        assert made.counted("tours_ordered") == 1
        # If its element is missing, the chat continues at that step.
        (offer,) = made.publisher.toasts
        asked = {"user_id": "u1", "trigger_id": offer["trigger_id"], "offer_id": offer["offer_id"]}
        prepared = await made.call("prepare_inject", **asked, step="bulk-edit")
        assert prepared["body"].startswith("I can't find the next step")
        assert "Bulk edit" in (await made.call("follow_up", **asked, step="bulk-edit"))["text"]
        await made.refusal("start_tour", user_id="u1", tour_id="of nobody")
        health = made.engine.health()
        assert (health["tours_aborted"], health["unknown_tours"]) == ({"projects-bulk-edit": 1}, 1)


@asynchronous
async def test_finishes_a_batch_whose_gateway_hangs_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as made:
        begun, go = asyncio.Event(), asyncio.Event()
        apply = made.engine._core.updater.apply

        async def slow(*arguments: Any) -> Any:
            begun.set()
            await go.wait()
            return await apply(*arguments)

        monkeypatch.setattr(made.engine._core.updater, "apply", slow)
        events: list[UpMessage] = [Event(batch(save(at)), "capture") for at in (1, 2)]
        taking = asyncio.get_running_loop().create_task(
            made.engine.apply_batch(Batch("d1", "demo", made.engine.engine_id, 1, events))
        )
        await begun.wait()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        again = asyncio.get_running_loop().create_task(
            made.engine.apply_batch(Batch("d1", "demo", made.engine.engine_id, 1, events))
        )
        await passes()
        go.set()
        await again
        assert made.counted("batches") == 2


@asynchronous
async def test_stopping_engine_accepts_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        await made.engine.stop()
        with pytest.raises(EngineRefused) as refusal:
            await made.engine.apply_batch(Batch("d1", "demo", made.engine.engine_id, 1, []))
        assert refusal.value.kind == "unavailable"
        assert (await made.refusal("health")).kind == "unavailable"


# --- requests ----------------------------------------------------------------------------------------------


@asynchronous
async def test_answers_every_request_with_its_type_or_rejects_it(tmp_path: Path) -> None:
    samples = {"str": "x", "int": 1, "float": 0.0, "list": ["x"], "tuple": ("de",), "dict": {}}
    async with running(tmp_path) as made:
        for name, request_type in REQUESTS.items():
            fields = {each.name: samples[each.type.__name__] for each in msgspec.structs.fields(request_type)}
            request = request_type(**fields)
            reply = await reply_to(made.engine, request)
            if reply.refusal is None:
                assert isinstance(read_reply(request, reply), answer_type(request_type)), name
            else:
                assert reply.refusal.kind in ("not_found", "invalid", "unprocessable"), name


@asynchronous
async def test_missing_resource_is_a_404_with_a_remedy(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        toast = await made.story()
        offer_id = toast["offer_id"]
        refusals = [
            await made.refusal("start_tour", user_id="u1", tour_id="x" * 1000),
            await made.refusal("prepare_inject", user_id="u1", trigger_id="unknown", offer_id=""),
            await made.refusal("prepare_inject", user_id="u1", trigger_id="", offer_id="unknown"),
            await made.refusal(
                "prepare_inject", user_id="u2", trigger_id="bulk_edit_opportunity", offer_id=offer_id
            ),
        ]
        assert [refusal.kind for refusal in refusals] == ["not_found"] * 4
        assert all(refusal.remedy for refusal in refusals)
        assert (await made.refusal("acknowledge", offer_id="y" * 1000, event="seen")).kind == "not_found"
        assert all(len(str(refusal)) < 200 for refusal in refusals)
        offer = made.engine._core.open_offers.get(offer_id)
        assert offer is not None
        assert offer.is_open, "another user's click does not take it"


@pytest.mark.parametrize("trigger_id", ["bulk_edit_opportunity", ""])
@asynchronous
async def test_uses_the_users_open_offer_without_an_offer_id(tmp_path: Path, trigger_id: str) -> None:
    async with running(tmp_path) as made:
        toast = await made.story()
        prepared = await made.call("prepare_inject", user_id="u1", trigger_id=trigger_id, offer_id="")
        assert prepared["offer_id"] == toast["offer_id"]


@asynchronous
async def test_uses_the_triggers_text_without_an_offer(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        prepared = await made.call(
            "prepare_inject", user_id="u9", trigger_id="bulk_edit_opportunity", offer_id=""
        )
        assert prepared == {
            "offer_id": "",
            "trigger_id": "bulk_edit_opportunity",
            "body": "Shall I show you how?",
        }
        follow_up = await made.call(
            "follow_up", user_id="u9", trigger_id="bulk_edit_opportunity", offer_id=""
        )
        assert follow_up["text"].startswith("Bulk edit projects:")
        nothing = await made.call("follow_up", user_id="u9", trigger_id="unknown", offer_id="")
        assert (nothing["text"], nothing["source"]) == ("", "none")


@asynchronous
async def test_explains_an_answered_offer(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        toast = await made.story()
        arguments = {"user_id": "u1", "trigger_id": "bulk_edit_opportunity", "offer_id": toast["offer_id"]}
        first = await made.call("prepare_inject", **arguments)
        assert await made.call("prepare_inject", **arguments) == first, "a second try after a failed bubble"
        without_id = await made.call("prepare_inject", **{**arguments, "offer_id": ""})
        assert without_id == first


@asynchronous
async def test_starts_tours_without_a_session(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        tour = await made.call("start_tour", user_id="nobody", tour_id="projects-bulk-edit")
        assert tour["flow_id"] == "projects-bulk-edit"
        assert await made.call("step_tour", user_id="nobody") == {"status": "no_session"}
        assert await made.call("end_tour", user_id="nobody") == {"status": "no_session"}


@asynchronous
async def test_describes_ended_sessions_only_when_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-s3cret")
    server = LanguageModelServer(slow_s=60)
    await server.start()
    said = {}
    for asked_for in ("true", "false"):
        folder = tmp_path / asked_for
        folder.mkdir()
        llm = f"llm: {{model: m, base_url: '{server.base_url}', timeout: 60s, session_notes: {asked_for}}}\n"
        async with running(folder, llm) as made:
            opened = action("Click ⋯", 1, element_id="projects-table-options")
            await made.send(Event(batch(opened), "capture"))
            await made.engine.sessions.clear()
            assert await made.engine._memory.finish_pending()
            if made.engine._version.models.narrator is not None:
                await made.engine._version.models.narrator.finish_pending()
            with closing(sqlite3.connect(folder / "autoplay.db")) as connection:
                (row,) = connection.execute("SELECT words FROM autoplay_session_analyses").fetchall()
            said[asked_for] = (row[0], made.counted("session_notes_written"))
    assert said == {"true": (FREE_WORDS, 1), "false": ("", 0)}
    assert len(server.requests) == 1
    await server.close()


# --- health, hook, time ------------------------------------------------------------------------------------


@asynchronous
async def test_health_names_the_database_fault(tmp_path: Path) -> None:
    more = 'database: {url: "sqlite:////no/such/folder/autoplay.db"}\n'
    async with running(tmp_path, more) as made:
        await made.story()
        health = await made.call("health")
        assert health["state"] == "running"
        assert health["memory"]["state"] == "failed"
        assert "database.url" in health["memory"]["remedy"]
        assert health["offers"] == 1, "the live path goes on"


HOOKS = """
taken = []

def plain(payload):
    taken.append(payload.session_id)

async def later(payload):
    taken.append(payload.session_id)

def broken(payload):
    raise RuntimeError("somebody's mistake")
"""


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "their_hooks.py").write_text(HOOKS, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield
    sys.modules.pop("their_hooks", None)


@pytest.mark.usefixtures("hooks")
@pytest.mark.parametrize("name", ["plain", "later"])
@asynchronous
async def test_batch_hook_receives_every_batch(tmp_path: Path, name: str) -> None:
    async with running(tmp_path, f'on_actions: "their_hooks:{name}"\n') as made:
        await made.send(*(Event(batch(save(1), session=session), "capture") for session in ("s1", "s2")))
        taken = sys.modules["their_hooks"].taken
        await eventually(lambda: taken == ["s1", "s2"], what="it sees both")


@pytest.mark.usefixtures("hooks")
@asynchronous
async def test_makes_the_offer_when_the_batch_hook_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path, 'on_actions: "their_hooks:broken"\n') as made:
        assert await made.story()
    assert "their_hooks:broken" in caplog.text


@asynchronous
async def test_removes_idle_sessions(tmp_path: Path) -> None:
    async with running(tmp_path) as made:
        await made.engine.start()
        await end_tasks([made.engine._ticking])  # this test turns the clock's hands itself
        await made.send(Event(batch(action("View", 0)), "capture"))
        assert made.counted("sessions") == 1
        made.clock.now = T0 + 1800
        await made.engine._handle_timer((SessionTimer.EXPIRE_IDLE, None))
        assert made.counted("sessions") == 0
        again_due = made.engine._timers.pop_due(T0 + 1800 + 60)
        assert (SessionTimer.EXPIRE_IDLE, None) in again_due, "and again later"


@asynchronous
async def test_restores_the_open_offer_after_a_restart(tmp_path: Path) -> None:
    first = Running(tmp_path)
    toast = await first.story()
    await first.engine.stop()
    async with running(tmp_path) as made:
        made.clock.now = T0 + 60
        await made.engine.start()
        await made.send(FeedSnapshot([FeedInfo("f1", "u1")]))
        (again,) = made.publisher.toasts
        assert again["offer_id"] == toast["offer_id"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("nonsense: 1\n", "unknown key"),
        ('on_actions: "no_such_module:f"\n', "on_actions"),
        ('database: {url: "nonsense"}\n', "database.url"),
    ],
)
def test_rejects_a_wrong_file_at_the_start(tmp_path: Path, more: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Running(tmp_path, more)


def test_rejects_a_missing_golden_path_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "golden_paths").mkdir()
    with pytest.raises(ConfigError, match="no golden path 'projects-bulk-edit'"):
        Running(tmp_path)
