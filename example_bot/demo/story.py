"""The story: Anna gets a toast and clicks "Show me"; Ben gets one and clicks "Open chat"."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from example_bot.demo.browser import Browser, Feed, Toast
from example_bot.demo.chat_window import ChatWindow
from example_bot.demo.options import DemoFailed, Options
from example_bot.demo.playback import Person, play
from example_bot.demo.screen import Screen

__all__ = ["Results", "tell_story"]

_TOAST_S = 10.0
_BUBBLE_S = 15.0


class Results:
    """The expected parts of the story, and which happened."""

    def __init__(self) -> None:
        self._problems = dict.fromkeys(("toast", "tour", "bubble 1", "bubble 2"), "not reached")
        self._details: dict[str, list[str]] = {name: [] for name in self._problems}

    @property
    def all_happened(self) -> bool:
        """Whether every part happened."""
        return not any(self._problems.values())

    @contextmanager
    def proving(self, name: str) -> Iterator[Callable[[str], None]]:
        """Expect a part to happen in the context; the yielded function takes a text about the result.

        Raises:
            DemoFailed: it did not happen.
        """
        try:
            yield self._details[name].append
        except DemoFailed as failure:
            self._problems[name] = failure.message
            raise
        if self._problems[name] == "not reached":
            self._problems[name] = ""

    def show(self, screen: Screen) -> None:
        """Print the summary, one line per part."""
        for name, problem in self._problems.items():
            screen.verdict(not problem, f"{name:<8}  {problem or ', '.join(self._details[name])}")


async def tell_story(options: Options, browser: Browser, screen: Screen, results: Results) -> None:
    """Run both parts; a failure in the first does not skip the second."""
    parts: tuple[Callable[[Options, Browser, Screen, Results], Awaitable[None]], ...] = (_show_me, _open_chat)
    for part in parts:
        try:
            await part(options, browser, screen, results)
        except DemoFailed as failure:
            screen.failure(failure)


async def _show_me(_options: Options, browser: Browser, screen: Screen, results: Results) -> None:
    screen.heading("Part 1: Anna raises the priority of three projects, one by one")
    anna = Person.fresh("Anna")
    async with browser.feed(anna.user_id) as feed:
        toast = await _toast(browser, feed, anna, screen, results)
        with results.proving("tour") as prove:
            screen.line('\nAnna chooses "Show me".', "cyan")
            prove(f"{await _take_tour(browser, anna, toast, screen)} steps, from the first to the last")
        _expect_silence(feed, results)


async def _toast(
    browser: Browser, feed: Feed, person: Person, screen: Screen, results: Results, haste: float = 1.0
) -> Toast:
    with results.proving("toast") as prove:
        sent_at = await play(browser, person, screen.step, haste=haste)
        toast = await feed.toast(_TOAST_S)
        if toast.event != "proactive" or not toast.body:
            raise DemoFailed(f"the feed brought no toast but {toast.event!r}: {toast.data}")
        took = _span(toast.at - sent_at)
        screen.received(f"Toast for {person.name}, {took} after the third save was sent:", toast.body)
        screen.line(_envelope(toast), "dim")
        prove(f"{took} after {person.name}'s third save")
    for event in ("rendered", "seen"):
        await browser.post("/proactive/ack", offer_id=str(toast.data.get("offer_id")), event=event)
    return toast


def _envelope(toast: Toast) -> str:
    """Return the toast's data except for its text."""
    offered = toast.tour.get("id") or "none"
    return f"event: {toast.event}   id: {toast.data.get('offer_id')}   tour: {offered}"


def _expect_silence(feed: Feed, results: Results) -> None:
    with results.proving("toast"):
        if feed.unread:
            raise DemoFailed(f"the same saves brought {feed.unread + 1} toasts")


async def _take_tour(browser: Browser, person: Person, toast: Toast, screen: Screen) -> int:
    steps = toast.tour.get("steps") or []
    if not steps:
        raise DemoFailed("the toast offers no tour with steps")
    started = await browser.post("/tour/start", user_id=person.user_id, tour_id=str(toast.tour["id"]))
    _expect_ok("/tour/start", started)
    if started.get("tour_id") != toast.tour["id"]:
        raise DemoFailed(f"another tour was started: {started}")
    screen.line(f"The tour {started['tour_id']} starts; the page spotlights one element after the other:\n")
    for number, step in enumerate(steps, 1):
        screen.line(f"{number} {step['title']}  {step['element']}", "cyan")
        screen.line(step["text"], "bold")
        _expect_ok("/tour/step", await browser.post("/tour/step", user_id=person.user_id))
    _expect_ok("/tour/end", await browser.post("/tour/end", user_id=person.user_id))
    screen.line("\nAnna has clicked the last one, and the tour ends.")
    return len(steps)


def _expect_ok(route: str, answer: dict[str, object]) -> None:
    if answer.get("status") != "ok":
        raise DemoFailed(f"{route} was answered with {answer}")


async def _open_chat(options: Options, browser: Browser, screen: Screen, results: Results) -> None:
    screen.heading("Part 2: Ben, who is new here too, does the same in haste")
    ben = Person.fresh("Ben")
    chat = ChatWindow(options.rasa_url, f"chat-{ben.user_id}", ben.user_id)
    async with browser.feed(ben.user_id) as feed, chat:
        toast = await _toast(browser, feed, ben, screen, results, haste=3.0)
        screen.line('\nBen chooses "Open chat". He types nothing.', "cyan")
        await _two_bubbles(browser, chat, ben, toast, screen, results)
        _expect_silence(feed, results)


async def _two_bubbles(
    browser: Browser, chat: ChatWindow, person: Person, toast: Toast, screen: Screen, results: Results
) -> None:
    with results.proving("bubble 1") as prove:
        chosen_at = time.perf_counter()
        opened = await browser.post(
            "/proactive/inject",
            sender_id=chat.session_id,
            user_id=person.user_id,
            trigger_id=str(toast.data.get("trigger_id")),
            offer_id=str(toast.data.get("offer_id")),
            body=toast.body,
        )
        _expect_ok("/proactive/inject", opened)
        first = await chat.bubble(_BUBBLE_S)
        took = _span(first.at - chosen_at)
        screen.received(f"Bubble 1, {took} after the click, over Socket.IO:", first.text)
        if first.text != toast.body:
            raise DemoFailed("the bot asked something else than the toast")
        prove(f"the question, {took} after the click")
    with results.proving("bubble 2") as prove:
        second = await chat.bubble(_BUBBLE_S)
        took = _span(second.at - first.at)
        screen.received(f"Bubble 2, {took} after bubble 1:", second.text)
        if not second.text.strip():
            raise DemoFailed("the explanation is empty")
        prove(f"the steps, {took} after bubble 1")


def _span(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"
