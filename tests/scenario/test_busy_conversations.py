"""Open chat during a form or after a handoff to a human: the dialogue is not interrupted."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from support.adopted import AdoptedProject, make_project, run_in
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.processes import ROOT, rasa_command
from support.project import CHANNEL, SOCKET_CHANNEL
from support.redis_server import running_redis
from support.user import ChatWindow, Feed, Toast, User

pytestmark = pytest.mark.timeout(1_200)

_FILLED_BY_ANY_TEXT = (
    "            - type: from_text\n              conditions:\n              - active_loop: order_form\n"
    "                requested_slot: size\n"
)
_HAND_OVER = """\
from rasa_sdk import Action
from rasa_sdk.events import ConversationPaused


class HandOver(Action):
    def name(self):
        return "action_hand_over"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="A colleague takes over.")
        return [ConversationPaused()]
"""


def _make(folder: Path) -> None:
    """A bot with a form that accepts any text, and a rule that hands over to a human."""
    make_project("forms", folder)
    domain = folder / "domain.yml"
    text = domain.read_text()
    text = text.replace("            - type: from_entity\n              entity: size\n", _FILLED_BY_ANY_TEXT)
    text = text.replace("    - order\n\n", "    - order\n    - human\n\n")
    domain.write_text(text.replace("    - action_validate\n", "    - action_hand_over\n"))
    data = folder / "data" / "all.yml"
    data.write_text(
        data.read_text()
        .replace("nlu:\n", "nlu:\n- intent: human\n  examples: |\n    - a human\n", 1)
        .replace(
            "rules:\n",
            "rules:\n- rule: human\n  steps:\n  - intent: human\n  - action: action_hand_over\n",
            1,
        )
    )
    (folder / "actions.py").write_text(_HAND_OVER)
    (folder / "endpoints.yml").write_text("tracker_store: {type: SQL, dialect: sqlite, db: tracker.db}\n")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That bot with the copilot added, trained."""
    folder = tmp_path_factory.mktemp("busy") / "bot"
    _make(folder)
    run_in(folder, [sys.executable, "-m", "rasa_autoplay.tools.cli", "init", "--yes", "--with-intent"])
    path = (ROOT / "example_bot/golden_paths/projects-bulk-edit.yml").read_text()
    path = path.replace("id: projects-bulk-edit", "id: repeated-saves", 1)  # a tour for the starter's trigger
    (folder / "golden_paths" / "repeated-saves.yml").write_text(path)
    run_in(folder, rasa_command("train"))
    return folder


def _use_redis_and_our_chat(folder: Path, redis_url: str) -> None:
    """Connect the two servers through Redis, and replace Rasa's chat channel with ours."""
    yaml = YAML()
    credentials = yaml.load((folder / "credentials.yml").read_text())
    credentials[SOCKET_CHANNEL] = credentials.pop("socketio")
    credentials[CHANNEL]["shared"] = {"redis": redis_url}
    settings = yaml.load((folder / "autoplay.yml").read_text())
    settings["shared"] = {"redis": redis_url}
    for name, content in (("credentials.yml", credentials), ("autoplay.yml", settings)):
        with (folder / name).open("w") as file:
            yaml.dump(content, file)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("HTTP and Rasa's chat channel", marks=pytest.mark.slow),
        "Redis and our chat channel",
    ],
)
def busy(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    trained: Path,
    background: BackgroundLoop,
) -> Iterator[Pair]:
    """Both servers of that bot, with each transport and each chat channel."""
    folder = tmp_path_factory.mktemp("busy") / "bot"
    shutil.copytree(trained, folder)
    with ExitStack() as stack:
        if "Redis" in request.param:
            _use_redis_and_our_chat(folder, stack.enter_context(running_redis()).url)
        pair = Pair(AdoptedProject(folder))
        stack.callback(lambda: background.run(pair.close(), 60))
        background.run(pair.start(), 170)
        yield pair


@asynccontextmanager
async def chatting(
    pair: Pair, name: str, *said: tuple[str, str]
) -> AsyncIterator[tuple[User, ChatWindow, Toast]]:
    """A user who has seen the toast, and then has sent a message and got an answer."""
    user = User(pair, name)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await user.acknowledge(toast)
        for text, answer in said:
            await window.write(text)
            assert (await window.bubble()).text == answer
        yield user, window, toast


async def events_of_open_chat(
    pair: Pair, user: User, window: ChatWindow, toast: Toast
) -> list[Mapping[str, Any]]:
    """Open the chat and read both messages; return the tracker events that came with them."""
    before = await settled(pair, window)
    assert await user.open_chat(window, toast) == (200, {"status": "ok"})
    question, steps = await window.bubble(), await window.bubble()
    assert question.text == toast.data["body"]
    assert "1. " in steps.text
    await eventually(
        lambda: {"bubble_1_delivered", "bubble_2_delivered"} <= set(pair.receipts(toast.id)),
        what="both receipts",
    )
    texts = [question.text, steps.text]
    await eventually(
        lambda: (
            [each.get("text") for each in pair.tracker_events(window.sender_id) if each["event"] == "bot"][
                -2:
            ]
            == texts
        ),
        what="both bubbles are in the tracker",
    )
    return pair.tracker_events(window.sender_id)[before:]


async def settled(pair: Pair, window: ChatWindow) -> int:
    """Wait until the turn is saved; return the number of events."""

    def is_listening() -> bool:
        kinds = [(each["event"], each.get("name")) for each in pair.tracker_events(window.sender_id)]
        return ("action", "action_listen") in kinds[-2:] or ("pause", None) in kinds[-2:]

    await eventually(is_listening, what="the bot's turn is saved")
    return len(pair.tracker_events(window.sender_id))


@pytest.mark.slow
def test_what_init_adds_for_the_intent_suits_the_bots_own_stories(trained: Path) -> None:
    run_in(trained, rasa_command("data", "validate"))
    told = run_in(trained, rasa_command("test", "core", "--stories", "tests", "--out", "results"))
    failed = (trained / "results" / "failed_test_stories.yml").read_text()
    assert not failed.partition("stories:")[2].strip(), told


async def test_open_chat_does_not_interrupt_a_form(busy: Pair) -> None:
    asked = ("a pizza", "Which size?")
    async with chatting(busy, "anna", asked) as (user, window, toast):
        new = await events_of_open_chat(busy, user, window, toast)
        assert [each["event"] for each in new] == ["bot", "bot"]
        await window.write("as large as you have")
        assert (await window.bubble()).text == "It is on its way."
        await settled(busy, window)
        events = busy.tracker_events(window.sender_id)
        sizes = [each["value"] for each in events if each["event"] == "slot" and each["name"] == "size"]
        assert sizes == ["as large as you have"]
        assert not any("EXTERNAL" in str(each) for each in events)


async def test_open_chat_does_not_interrupt_a_human_handover(busy: Pair) -> None:
    handed_over = ("a human", "A colleague takes over.")
    async with chatting(busy, "ben", handed_over) as (user, window, toast):
        new = await events_of_open_chat(busy, user, window, toast)
        assert [each["event"] for each in new] == ["bot", "bot"], "and no hidden turn of the user"
        await window.write("hello")
        await eventually(
            lambda: busy.conversation(window.sender_id)[-1] == ("user", "hello"), what="the message is kept"
        )
        await window.stays_silent(1.0)
        assert busy.tracker_events(window.sender_id)[-1]["event"] == "user", (
            "the conversation is still paused"
        )


async def test_the_bot_uses_its_own_intent_again_after_the_form(busy: Pair) -> None:
    ordered = [("a pizza", "Which size?"), ("large", "It is on its way.")]
    async with chatting(busy, "clara", *ordered) as (user, window, toast):
        new = await events_of_open_chat(busy, user, window, toast)
        kinds = [(each["event"], each.get("name")) for each in new]
        assert ("action", "action_send_proactive") in kinds


def _order_of(feed: Feed) -> Mapping[str, Any] | None:
    """Return the tour that was ordered in the chat, once it arrives."""
    return next((toast.data for toast in feed.toasts if toast.data.get("from_chat")), None)


def _said_since(pair: Pair, window: ChatWindow, before: int) -> list[tuple[str, str]]:
    """Return the messages since then, with their senders."""
    events = pair.tracker_events(window.sender_id)[before:]
    return [(each["event"], str(each["text"])) for each in events if each["event"] in ("user", "bot")]


SHOWING = "Here you go — I'll point it out on the page."


@asynccontextmanager
async def explained(
    pair: Pair, name: str, *said: tuple[str, str]
) -> AsyncIterator[tuple[Feed, ChatWindow, str]]:
    """A user who has read both messages, and the payload of the button below the second one."""
    user = User(pair, name)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await user.acknowledge(toast)
        for text, answer in said:
            await window.write(text)
            assert (await window.bubble()).text == answer
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        question, steps = await window.bubble(), await window.bubble()
        assert not question.buttons
        assert list(steps.buttons) == ["Show me on the page"]
        await eventually(lambda: "bubble_2_delivered" in pair.receipts(toast.id), what="bubble 2 is noted")
        yield feed, window, steps.buttons["Show me on the page"]


@pytest.mark.parametrize("typed", ["", "yes please"], ids=["pressed", "typed"])
async def test_a_user_who_asks_is_shown_the_tour_on_the_page(busy: Pair, typed: str) -> None:
    async with explained(busy, "dora") as (feed, window, payload):
        before = await settled(busy, window)
        await window.write(typed or payload)
        assert (await window.bubble()).text == SHOWING
        await eventually(lambda: _order_of(feed), what="the tour is ordered")
        order = _order_of(feed)
        assert order is not None
        assert order["ordered"] is True
        assert [tour["id"] for tour in order["tours"]] == ["repeated-saves"]
        await eventually(lambda: len(_said_since(busy, window, before)) == 2, what="the turn is saved")
        assert _said_since(busy, window, before) == [
            ("user", typed or "Show me on the page"),
            ("bot", SHOWING),
        ]
        # The conversation continues as before.
        await window.write("a pizza")
        assert (await window.bubble()).text == "Which size?"


async def test_a_yes_that_comes_later_goes_to_the_bot(busy: Pair) -> None:
    async with explained(busy, "emil") as (feed, window, _):
        await window.write("a pizza")
        assert (await window.bubble()).text == "Which size?"
        await window.write("yes please")
        assert (await window.bubble()).text == "It is on its way."
        assert _order_of(feed) is None


async def test_a_yes_belongs_to_the_form_and_the_button_to_the_tour(busy: Pair) -> None:
    async with explained(busy, "fred", ("a pizza", "Which size?")) as (feed, window, payload):
        before = len(busy.tracker_events(window.sender_id))
        await window.write(payload)
        assert (await window.bubble()).text == SHOWING
        await eventually(lambda: _order_of(feed), what="the tour is ordered")
        events = busy.tracker_events(window.sender_id)[before:]
        assert [each["event"] for each in events] == ["bot"], "the form knows nothing of it"
        await window.write("yes please")
        assert (await window.bubble()).text == "It is on its way."


async def test_where_the_page_is_another_the_chat_says_so_and_goes_on(busy: Pair) -> None:
    async with explained(busy, "gina") as (_, window, payload):
        properties = {
            "$session_id": f"ps-{window.user_id}",
            "$current_url": "https://app.example.com/dashboard",
            "distinct_id": window.user_id,
            "$is_identified": True,
        }
        moved = {"event": "$pageview", "uuid": str(uuid.uuid4()), "properties": properties}
        moved["timestamp"] = datetime.now(timezone.utc).isoformat()
        answer = await busy.post("/capture/e/", {"api_key": "phc_test", "batch": [moved]})
        assert answer[0] == 200
        answer_text = SHOWING
        while answer_text == SHOWING:  # the engine does not know yet that the user has left
            await window.write(payload)
            answer_text = (await window.bubble()).text
        assert "begins on another page" in answer_text
        assert "\n1. " in (await window.bubble()).text
