"""The two messages: in order, with a pause, once, and never after the user's own message."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest
from support.run import asynchronous, passes

from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.chat import openings as module
from rasa_autoplay.gateway.chat.open_talks import OpenTalks
from rasa_autoplay.gateway.chat.openings import ChatOpener
from rasa_autoplay.link.answers import FollowUpText, Question
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import ChatDelivery, UpMessage
from rasa_autoplay.link.request_types import EngineRequest, tag_of
from rasa_autoplay.link.requests import FollowUp, PrepareInject

AnswerT = TypeVar("AnswerT")
ASK = ("w1", "u1", "t1", "o1")
QUESTION, STEPS = "Shall I show you how?", "1. Press one."


class FakeTime:
    """The module's clock and sleep: sleeping is recorded and takes no time."""

    def __init__(self) -> None:
        self.now = 50.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=fake.monotonic))
    names = {name: getattr(asyncio, name) for name in dir(asyncio)}
    monkeypatch.setattr(module, "asyncio", SimpleNamespace(**{**names, "sleep": lambda s: fake.sleep(s)}))
    return fake


class Scene:
    """A link and a chat window that do as configured, and record what happened in order."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.fates: list[tuple[int, str, str]] = []
        self.asked: list[EngineRequest[Any]] = []
        #: What a step raises, and what must happen before it ends, by the step's name.
        self.fails: dict[str, BaseException] = {}
        self.waits: dict[str, asyncio.Event] = {}
        self.explanation = FollowUpText(STEPS, "steps")
        self.bubbles = ChatOpener(self, self, OpenTalks(lambda: 0.0))

    async def _step(self, name: str) -> None:
        self.happened.append(name)
        if name in self.waits:
            await self.waits[name].wait()
        if name in self.fails:
            raise self.fails[name]

    def forget(self, _user_id: str, _is_theirs: object) -> None:
        raise NotImplementedError

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        self.asked.append(request)
        await self._step(tag_of(request))
        answer = Question("o1", "t1", QUESTION) if isinstance(request, PrepareInject) else self.explanation
        return cast("AnswerT", answer)

    async def ask_every_engine(
        self, request: EngineRequest[AnswerT], timeout_s: float = 5.0
    ) -> list[AnswerT]:
        return [await self.ask(request, timeout_s)]

    async def say(self, sender_id: str, text: str, button: Any = None) -> None:
        await self._step(f"{sender_id}: {text}")

    def send(self, message: UpMessage) -> bool:
        assert isinstance(message, ChatDelivery)
        assert message.offer_id == "o1"
        self.fates.append((message.bubble, message.fate, message.detail))
        self.happened.append(f"told {message.bubble} {message.fate}")
        return True

    def start(self, *_arguments: Any) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    def health(self) -> dict[str, Any]:
        raise NotImplementedError

    def said(self) -> list[str]:
        return [each for each in self.happened if each.startswith("w")]

    def opening(self) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(self.bubbles.open(*ASK))

    async def opened(self) -> None:
        await self.bubbles.open(*ASK)
        await passes()


FIRST, SECOND = f"w1: {QUESTION}", f"w1: {STEPS}"


@asynchronous
async def test_sends_both_messages_in_order_and_reports_their_delivery() -> None:
    scene = Scene()
    await scene.opened()
    assert scene.happened == [
        "prepare_inject",
        FIRST,
        "told 1 delivered",
        "follow_up",
        SECOND,
        "told 2 delivered",
    ]
    assert scene.fates == [(1, "delivered", ""), (2, "delivered", "steps")]


@asynchronous
async def test_responds_between_the_first_and_second_message() -> None:
    scene = Scene()
    scene.waits["follow_up"] = asyncio.Event()
    await scene.bubbles.open(*ASK)
    assert scene.said() == [FIRST]


@pytest.mark.parametrize(("thinking_s", "pause_s"), [(0.0, 0.6), (0.5, 0.1), (5.0, -4.4)])
@asynchronous
async def test_sends_the_second_message_600_ms_after_the_first(
    time: FakeTime, thinking_s: float, pause_s: float
) -> None:
    scene = Scene()
    scene.waits["follow_up"] = asyncio.Event()
    await scene.opened()
    time.now += thinking_s
    scene.waits["follow_up"].set()
    await passes()
    assert time.slept == [pytest.approx(pause_s)]
    assert scene.said() == [FIRST, SECOND]


@asynchronous
async def test_double_click_opens_once_and_answers_both() -> None:
    scene = Scene()
    scene.waits[FIRST] = asyncio.Event()
    clicks = [scene.opening(), scene.opening()]
    await passes()
    assert not any(click.done() for click in clicks)
    scene.waits[FIRST].set()
    await asyncio.gather(*clicks)
    await passes()
    await scene.opened()
    assert scene.said() == [FIRST, SECOND]


@asynchronous
async def test_another_window_or_offer_opens_separately() -> None:
    scene = Scene()
    await scene.opened()
    await scene.bubbles.open("w2", "u1", "t1", "o1")
    await scene.bubbles.open("w1", "u1", "t1", "o2")
    assert scene.said().count(FIRST) == 2
    assert scene.said().count(f"w2: {QUESTION}") == 1


@asynchronous
async def test_explains_the_offer_that_the_engine_found() -> None:
    scene = Scene()
    await scene.bubbles.open("w1", "u1", "", "")
    await passes()
    assert scene.asked == [
        PrepareInject("u1", "", ""),
        FollowUp("u1", "t1", "o1"),
    ]


@pytest.mark.parametrize("step", ["prepare_inject", FIRST, "follow_up"])
@asynchronous
async def test_sends_no_second_message_after_the_user_wrote_first(step: str) -> None:
    scene = Scene()
    scene.waits[step] = asyncio.Event()
    click = scene.opening()
    await passes()
    assert scene.happened[-1] == step
    scene.bubbles.user_wrote("another window")
    scene.bubbles.user_wrote("w1")
    scene.waits[step].set()
    await click
    await passes()
    assert scene.said() == [FIRST]
    assert scene.fates == [(1, "delivered", ""), (2, "dropped", "the user wrote first")]


@asynchronous
async def test_sends_no_second_message_after_the_user_wrote_in_the_pause(
    monkeypatch: pytest.MonkeyPatch, time: FakeTime
) -> None:
    scene, pause = Scene(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await pause.wait()

    monkeypatch.setattr(time, "sleep", sleep)
    await scene.opened()
    scene.bubbles.user_wrote("w1")
    pause.set()
    await passes()
    assert scene.said() == [FIRST]
    assert scene.fates[1][:2] == (2, "dropped")


@asynchronous
async def test_finishes_a_message_in_progress() -> None:
    scene = Scene()
    scene.waits[SECOND] = asyncio.Event()
    await scene.opened()
    scene.bubbles.user_wrote("w1")
    scene.waits[SECOND].set()
    await passes()
    assert scene.fates[1] == (2, "delivered", "steps")


@asynchronous
async def test_old_chat_messages_drop_no_explanation() -> None:
    scene = Scene()
    scene.bubbles.user_wrote("w1")
    await scene.opened()
    assert scene.said() == [FIRST, SECOND]


@asynchronous
async def test_second_offer_in_the_window_drops_the_first_explanation() -> None:
    scene = Scene()
    scene.waits["follow_up"] = asyncio.Event()
    await scene.opened()
    await scene.bubbles.open("w1", "u1", "t1", "o2")
    scene.waits["follow_up"].set()
    await passes()
    assert scene.said() == [FIRST, FIRST, SECOND]


REFUSED = EngineRefused("not_found", "there is no such offer")
UNREACHABLE = EngineUnreachable("The action server does not answer.", remedy="Start it.")
UNDELIVERED = ChatUndelivered("No window.", remedy="Open it.")


@pytest.mark.parametrize(
    ("step", "failure", "fates"),
    [
        ("prepare_inject", REFUSED, []),
        ("prepare_inject", UNREACHABLE, []),
        (FIRST, UNDELIVERED, [(1, "failed", str(UNDELIVERED))]),
        (FIRST, RuntimeError("a mistake"), [(1, "failed", "RuntimeError")]),
    ],
)
@asynchronous
async def test_failed_opening_is_an_error_and_can_be_retried(
    step: str, failure: Exception, fates: list[tuple[int, str, str]]
) -> None:
    scene = Scene()
    scene.fails[step] = failure
    with pytest.raises(type(failure)):
        await scene.bubbles.open(*ASK)
    await passes()
    assert scene.fates == fates
    assert "follow_up" not in scene.happened
    scene.fails.clear()
    await scene.opened()
    assert scene.said()[-2:] == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("step", "failure", "reason"),
    [
        ("follow_up", REFUSED, "there is no such offer"),
        ("follow_up", UNREACHABLE, str(UNREACHABLE)),
        (SECOND, UNDELIVERED, str(UNDELIVERED)),
        (SECOND, RuntimeError("a mistake"), "RuntimeError"),
    ],
)
@asynchronous
async def test_reports_a_failed_explanation(step: str, failure: Exception, reason: str) -> None:
    scene = Scene()
    scene.fails[step] = failure
    await scene.opened()
    assert scene.fates == [(1, "delivered", ""), (2, "failed", reason)]
    assert not scene.bubbles._pending
    assert not scene.bubbles._follow_ups


@asynchronous
async def test_sends_no_second_message_without_an_explanation() -> None:
    scene = Scene()
    scene.explanation = FollowUpText("", "none")
    await scene.opened()
    assert scene.said() == [FIRST]
    assert scene.fates == [(1, "delivered", "")]
    assert not scene.bubbles._pending


@asynchronous
async def test_disconnected_caller_does_not_stop_the_opening() -> None:
    scene = Scene()
    scene.waits[FIRST] = asyncio.Event()
    click = scene.opening()
    await passes()
    click.cancel()
    await asyncio.gather(click, return_exceptions=True)
    scene.waits[FIRST].set()
    await passes()
    assert scene.said() == [FIRST, SECOND]


@asynchronous
async def test_failure_without_a_waiting_caller_does_not_answer_the_next_click() -> None:
    scene = Scene()
    scene.waits["prepare_inject"] = asyncio.Event()
    scene.fails["prepare_inject"] = UNREACHABLE
    click = scene.opening()
    await passes()
    click.cancel()
    await asyncio.gather(click, return_exceptions=True)
    scene.waits["prepare_inject"].set()
    await passes()
    scene.fails.clear()
    await scene.opened()
    assert scene.said() == [FIRST, SECOND]


@asynchronous
async def test_forgets_old_openings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_QUESTIONS", 3)
    scene = Scene()
    for number in range(10):
        await scene.bubbles.open(f"w{number}", "u1", "t1", "o1")
    await passes()
    assert len(scene.bubbles._questions) <= 4
    assert not scene.bubbles._pending


@asynchronous
async def test_stopping_drops_pending_messages() -> None:
    scene = Scene()
    scene.waits["follow_up"] = asyncio.Event()
    await scene.opened()
    scene.waits["prepare_inject"] = asyncio.Event()
    click = asyncio.get_running_loop().create_task(scene.bubbles.open("w2", "u1", "t1", "o1"))
    await passes()
    await asyncio.wait_for(scene.bubbles.stop(), 60.0)
    await asyncio.gather(click, return_exceptions=True)
    assert scene.said() == [FIRST]
    assert len(asyncio.all_tasks()) == 1


@asynchronous
async def test_responds_to_a_click_while_rasa_keeps_retrying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ANSWER_WITHIN_S", 0.05)
    scene = Scene()
    scene.waits[FIRST] = asyncio.Event()
    for _ in range(2):
        with pytest.raises(ChatUndelivered, match="is still trying") as late:
            await scene.opened()
        assert "action server" in late.value.remedy
    assert scene.said() == [FIRST]
    scene.waits[FIRST].set()
    await scene.opened()
    assert scene.said() == [FIRST, SECOND], "said once, however often the user clicked"
