"""The pull API as a source, against a stand-in on this machine with every kind of fault."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp import web
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.live_activity import LiveActivity
from rasa_autoplay.settings.sources import LiveActivitySettings

KEY = "s3cret-key-of-the-pull-api"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PullApi:
    """``/users/<product>/<user>/live-activity``: each user's actions, or what a test scripts."""

    def __init__(self) -> None:
        self.done: dict[str, list[Any]] = {}
        #: Replaces the true response for the next requests; the last one stays.
        self.scripts: list[Answer] = []
        self.asked: list[str] = []
        self.targets: list[str] = []
        self.headers: list[Any] = []
        self.at: list[float] = []
        self.under_way = self.most_under_way = 0
        self._runner: web.AppRunner | None = None
        self.origin = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}/base"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        target = request.raw_path
        user = unquote(target.split("?")[0].split("/")[4])
        self.asked.append(user)
        self.targets.append(target)
        self.headers.append(request.headers)
        self.at.append(asyncio.get_running_loop().time())
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.scripts:
                script = self.scripts[0] if len(self.scripts) == 1 else self.scripts.pop(0)
                return await script(request)
            limit = int(request.query["limit"])
            return web.json_response({"actions": self.done.get(user, [])[-limit:]})
        finally:
            self.under_way -= 1


def status(code: int, **headers: str) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers=headers)

    return answer


def text(body: str | bytes, **headers: str) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        content = body.encode() if isinstance(body, str) else body
        return web.Response(body=content, headers={"Content-Type": "application/json", **headers})

    return answer


async def never(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError


class Polling:
    """The source, the present users, and the payloads."""

    def __init__(self, api: PullApi, **settings: Any) -> None:
        self.api = api
        self.here: set[str] = set()
        self.taken: list[ActionsPayload] = []
        self.has_room = True
        self.now = time.time()
        fast = {"min_interval": "20ms", "max_interval": "60ms", "max_requests_per_second": 500}
        section = {"origin": api.origin, "key": KEY, **fast, **settings}
        self.source = LiveActivity(
            LiveActivitySettings.parse_obj(section), "demo", lambda: self.here, self._sink, lambda: self.now
        )

    def _sink(self, payload: Payload, source: str) -> bool:
        assert source == "live_activity"
        assert isinstance(payload, ActionsPayload)
        if self.has_room:
            self.taken.append(payload)
        return self.has_room

    def titles(self) -> list[str]:
        return [action.title for batch in self.taken for action in batch.actions]

    def health(self, name: str) -> Any:
        return self.source.health().get(name, 0)

    async def until(self, check: Callable[[], Any], what: str) -> None:
        await eventually(check, what=what)

    async def until_titles(self, count: int) -> None:
        await self.until(lambda: len(self.titles()) >= count, f"{count} actions")

    async def more_requests(self, count: int) -> None:
        wanted = len(self.api.asked) + count
        await self.until(lambda: len(self.api.asked) >= wanted, f"{count} more requests")


@asynccontextmanager
async def polling(**settings: Any) -> AsyncIterator[Polling]:
    api = PullApi()
    await api.start()
    made = Polling(api, **settings)
    try:
        await made.source.start()
        yield made
    finally:
        await made.source.stop()
        await api.close()


def did(title: str, ago: float = 0.0, session: str | None = "s1", **fields: Any) -> dict[str, Any]:
    at = time.time() - ago
    return {"title": title, "type": "click", "timestamp_start": at, "session_id": session, **fields}


@asynchronous
async def test_does_not_poll_absent_users() -> None:
    async with polling() as made:
        made.api.done["u1"] = [did("a")]
        made.here = {"u2"}
        await made.more_requests(3)
        assert set(made.api.asked) == {"u2"}
        made.here = set()
        await made.until(lambda: made.health("state") == "idle", "nobody is here")
        count = len(made.api.asked)
        made.here = {"u1"}
        await made.until(made.titles, "u1 came")
        assert set(made.api.asked[count:]) <= {"u1"}


@asynchronous
async def test_makes_a_batch_per_user_and_session() -> None:
    async with polling() as made:
        made.api.done["u1"] = [
            did("old", 30, "before"),
            did("a", 20, user_id="somebody else", raw_url="https://app.example.com/projects/42"),
            did("b", 10),
            did("last of the old one", 5, "before"),
        ]
        made.here = {"u1"}
        await made.until(lambda: len(made.taken) == 2, "two batches")
        assert [(b.session_id, [a.title for a in b.actions]) for b in made.taken] == [
            ("s1", ["a", "b"]),
            ("before", ["old", "last of the old one"]),
        ]
        assert {(b.product_id, b.user_id) for b in made.taken} == {("demo", "u1")}
        assert made.taken[0].actions[0].canonical_url == "https://app.example.com/projects/:id"
        assert made.health("accepted") == 4


@asynchronous
async def test_overlapping_polls_report_each_action_once() -> None:
    async with polling(max_actions=3) as made:
        actions = [did(str(n), 20 - n) for n in range(12)]
        made.here = {"u1"}
        for known in range(2, 13, 2):
            made.api.done["u1"] = actions[:known]
            await made.until_titles(known)
        await made.more_requests(2)
        assert made.titles() == [str(n) for n in range(12)]
        assert made.health("duplicate") > 0


@asynchronous
async def test_action_without_a_session_gets_one_of_the_users_sessions() -> None:
    async with polling() as made:
        made.api.done["u1"] = [did("a", session=None)]
        made.here = {"u1"}
        await made.until(lambda: made.taken, "it came")
        assert made.taken[0].session_id == "live_u1"


@asynchronous
async def test_polls_again_after_a_full_queue() -> None:
    async with polling() as made:
        made.has_room = False
        made.api.done["u1"] = [did("a")]
        made.here = {"u1"}
        await made.until(lambda: made.health("dropped") > 1, "it was dropped")
        made.has_room = True
        await made.until(lambda: made.titles() == ["a"], "it came")


@asynchronous
async def test_quotes_ids_in_urls() -> None:
    strange = {"a/b", "a?limit=9", "ä b#c", "%2e%2e", "../u2"}
    async with polling() as made:
        made.here = {*strange, ".", ".."}
        await made.until(lambda: set(made.api.asked) >= strange, "all were asked for")
        assert set(made.api.asked) == strange
        for target in made.api.targets:
            assert target.startswith("/base/users/demo/")
            assert target.endswith("/live-activity?limit=50")
            assert target.count("/") == 5


@asynchronous
async def test_sends_the_key_and_never_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    async with polling() as made:
        made.here = {"u1"}
        await made.more_requests(1)
        assert made.api.headers[0]["Authorization"] == f"Bearer {KEY}"
        made.api.scripts = [status(500)]
        await made.until(lambda: "500" in str(made.health("remedy")), "the failure is told")
        assert KEY not in str(made.source.health()) + caplog.text + repr(made.source)


@asynchronous
@pytest.mark.parametrize("code", [401, 403])
async def test_rejected_key_is_final_and_names_the_remedy(
    code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with polling() as made:
        made.api.scripts = [status(code)]
        made.here = {"u1"}
        await made.until(lambda: made.health("state") == "failed", "it is refused")
        assert "live_activity.key" in made.health("remedy")
        assert len(made.api.asked) == 1
        assert str(code) in caplog.text


@asynchronous
@pytest.mark.parametrize("as_date", [False, True])
async def test_respects_retry_after_of_a_429(as_date: bool) -> None:
    async with polling() as made:
        retry_after = formatdate(made.now + 2, usegmt=True) if as_date else "1"
        made.api.scripts = [status(429, **{"Retry-After": retry_after}), text('{"actions":[]}')]
        made.here = {"u1"}
        await made.until(lambda: made.health("throttled"), "it is throttled")
        assert "429" in made.health("remedy")
        assert made.health("state") == "connecting"
        await made.more_requests(1)
        assert made.api.at[1] - made.api.at[0] > 0.9
        await made.until(lambda: made.health("state") == "connected", "it goes on")
        assert "remedy" not in made.source.health()


BROKEN: dict[str, Answer] = {
    "HTTP 500": status(500),
    "HTTP 503 with nonsense": status(503, **{"Retry-After": "soon"}),
    "HTTP 404": status(404),
    "a redirect": status(302, Location="http://127.0.0.1:9/"),
    "nothing": text(""),
    "no JSON": text("<html>"),
    "a list": text("[]"),
    "no actions": text('{"items":[]}'),
    "actions that are none": text('{"actions":{"title":"a"}}'),
    "too deep": text("[" * 100_000),
    "too large": text(json.dumps({"actions": [{"title": "x" * (2 << 20)}]})),
    "packed": text(b"\x1f\x8b" + b"x" * 100, **{"Content-Encoding": "gzip"}),
    "not UTF-8": text(b"\xff\xfe"),
}


@asynchronous
@pytest.mark.parametrize("answer", BROKEN.values(), ids=list(BROKEN))
async def test_keeps_polling_after_any_response(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with polling() as made:
        made.api.scripts = [answer]
        made.here = {"u1"}
        await made.more_requests(1)
        kinds = ("malformed", "failed_requests", "unknown_users", "throttled")
        await made.until(lambda: sum(made.health(kind) for kind in kinds), "it was counted")
        assert made.health("remedy")
        made.api.scripts = []
        made.api.done["u1"] = [did("a")]
        await made.until(lambda: made.titles() == ["a"], "it goes on")


@asynchronous
async def test_accepts_actions_beside_invalid_items() -> None:
    async with polling() as made:
        made.api.done["u1"] = [7, None, [], did("a"), {"title": None}, did("b", timestamp_start="soon")]
        made.here = {"u1"}
        await made.until(lambda: {"a", "b"} <= set(made.titles()), "the good ones came")


@asynchronous
async def test_failure_for_one_user_does_not_affect_others() -> None:
    async with polling() as made:

        async def sometimes(request: web.Request) -> web.StreamResponse:
            return web.Response(status=500) if "/bad/" in request.path else web.json_response({"actions": []})

        made.api.scripts = [sometimes]
        made.here = {"bad", *(f"u{n}" for n in range(20))}
        await made.until(lambda: Counter(made.api.asked)["u7"] >= 5, "the others are asked for")
        asked = Counter(made.api.asked)
        assert asked["bad"] <= asked["u7"]


@asynchronous
async def test_backs_off_for_all_users_when_all_polls_fail(caplog: pytest.LogCaptureFixture) -> None:
    async with polling() as made:
        made.api.scripts = [status(500)]
        made.here = {f"u{n}" for n in range(50)}
        await made.until(lambda: "Polling the live activity pauses" in caplog.text, "it pauses")
        assert len(made.api.asked) < 20
        assert made.health("state") == "connecting"


@asynchronous
async def test_limits_rate_and_concurrency() -> None:
    async with polling(max_requests_per_second=50) as made:
        made.here = {f"u{n}" for n in range(100)}
        began = asyncio.get_running_loop().time()
        await made.more_requests(40)
        assert asyncio.get_running_loop().time() - began >= 39 / 50
        assert len(set(made.api.asked)) >= 39, "each has their turn before anybody has a second one"
    async with polling() as made:
        made.api.scripts = [never]
        made.here = {f"u{n}" for n in range(100)}
        await made.until(lambda: made.api.under_way >= 8, "several are asked for at once")
        assert made.api.most_under_way == 8
    # Polls in progress do not delay the stop.


@asynchronous
async def test_chatting_user_counts_as_present_for_a_while() -> None:
    async with polling() as made:
        made.source.user_wrote("u1")
        await made.until(lambda: "u1" in made.api.asked, "u1 is asked for")
        made.now += 301
        await made.until(lambda: made.health("users") == 0, "u1 has gone")


@asynchronous
async def test_warns_about_a_long_silence_while_users_are_present() -> None:
    async with polling() as made:
        made.now += 1_000
        assert "remedy" not in made.source.health()
        made.here = {"u1"}
        await made.until(lambda: made.health("state") == "connected", "it was answered")
        assert "remedy" not in made.source.health()
        made.now += 600
        assert made.health("remedy").startswith("connected, but no event for 10 min: does the upstream know")
