"""The client against a server on this machine: what it receives, survives, and how it ends."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from rasa_autoplay.common.http.sse import encode_event
from rasa_autoplay.errors import AutoplayError, ConfigError, SourceRefused
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger
from rasa_autoplay.gateway.sources.connector import AsyncConnectorClient

TOKEN = "uk_live_do_not_show_me"
Script = Callable[[web.StreamResponse], Awaitable[None]]


def actions(number: int, session: str = "s1", product: str = "demo") -> bytes:
    payload = {"type": "actions", "product_id": product, "session_id": session, "forwarded_at": number + 1}
    return encode_event(json.dumps({**payload, "actions": []}))


def number_of(payload: ActionsPayload) -> int:
    return int(payload.forwarded_at) - 1


class Upstream:
    """Plays one script per connection, the last one repeatedly."""

    def __init__(self, *scripts: Script | int) -> None:
        self._scripts = scripts
        self._released = asyncio.Event()
        self.requests: list[web.Request] = []
        self.url = ""

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        script = self._scripts[min(len(self.requests), len(self._scripts) - 1)]
        self.requests.append(request)
        if isinstance(script, int):
            return web.Response(status=script, text="a page")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        await script(response)
        return response

    async def idle(self, _response: web.StreamResponse) -> None:
        """Keep the stream open without sending."""
        await self._released.wait()

    def sends(self, *frames: bytes, then_idle: bool = True) -> Script:
        async def script(response: web.StreamResponse) -> None:
            for frame in frames:
                await response.write(frame)
            if then_idle:
                await self.idle(response)

        return script

    @asynccontextmanager
    async def listening(self, *scripts: Script | int) -> AsyncIterator[Upstream]:
        self._scripts = self._scripts or scripts
        app = web.Application()
        app.router.add_get("/stream/demo", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/stream/demo"
            yield self
        finally:
            self._released.set()
            await runner.cleanup()


def client_of(upstream: Upstream, **options: Any) -> AsyncConnectorClient:
    return AsyncConnectorClient(upstream.url, TOKEN, initial_backoff_s=0.001, max_backoff_s=0.01, **options)


def tasks_left() -> list[str]:
    """Return the running tasks except for the test and the server."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    names = [getattr(task.get_coro(), "__qualname__", "") for task in tasks]
    return [name for name in names if not name.startswith("RequestHandler")]


async def soon(awaitable: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(awaitable, 60.0)


def test_passes_payloads_to_the_callbacks_of_their_kind() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        frames = (
            actions(0),
            encode_event("", event="heartbeat"),
            encode_event('{"type":"summary","session_id":"s1","summary":"They saved."}'),
            encode_event('{"type":"usertour_trigger","session_id":"s1","flow_id":"f1"}'),
        )
        async with upstream.listening(upstream.sends(*frames)):
            received: asyncio.Queue[Any] = asyncio.Queue()

            async def later(payload: SummaryPayload) -> None:
                await received.put(payload)

            client = client_of(upstream).on_actions(received.put_nowait).on_summary(later)
            async with client.on_usertour_trigger(received.put_nowait):
                client.run_in_background()
                kinds = {type(await soon(received.get())) for _ in range(3)}
                assert kinds == {ActionsPayload, SummaryPayload, UsertourTrigger}
                state_while_running = client.state
                assert client.counts == {"accepted": 3, "malformed": 0, "oversized": 0, "unknown": 0}
            headers = upstream.requests[0].headers
            assert headers["Authorization"] == f"Bearer {TOKEN}"
            assert headers["Accept"] == "text/event-stream"
            assert "Last-Event-ID" not in headers
            assert (state_while_running, client.state) == ("connected", "idle")

    asyncio.run(scenario())


def test_no_frame_ends_the_stream_and_each_is_counted_by_kind() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        huge = b"x" * (10 << 20)
        frames = (
            encode_event("{"),
            encode_event("[]"),
            encode_event('{"type":1}'),
            encode_event('{"type":"weather"}'),
            encode_event(b'{"type":"actions","x":"' + huge + b'"}'),
            b"data\n\n",
            actions(5),
        )
        async with upstream.listening(upstream.sends(*frames)):
            received: asyncio.Queue[ActionsPayload] = asyncio.Queue()
            async with client_of(upstream).on_actions(received.put_nowait) as client:
                client.run_in_background()
                assert number_of(await soon(received.get())) == 5
                assert client.counts == {"accepted": 1, "malformed": 4, "oversized": 1, "unknown": 1}
        assert len(upstream.requests) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(("status", "hint"), [(401, "token"), (403, "token"), (404, "URL")])
def test_rejection_is_final_and_names_the_remedy(
    status: int, hint: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with Upstream(status).listening() as upstream:
            client = client_of(upstream)
            with caplog.at_level(logging.DEBUG), pytest.raises(SourceRefused, match=str(status)) as refused:
                await soon(client.run())
            assert len(upstream.requests) == 1
        assert (client.state, client.remedy) == ("failed", refused.value.remedy)
        assert hint in client.remedy
        assert [r.levelname for r in caplog.records if r.levelno >= logging.WARNING] == ["ERROR"]
        assert TOKEN not in caplog.text + str(refused.value)

    asyncio.run(scenario())


def test_retries_other_failures_with_the_last_event_id() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        first = upstream.sends(b"id: 41\n" + actions(1), b"data: cut off", then_idle=False)
        async with upstream.listening(503, first, 500, upstream.sends(actions(2))):
            received: asyncio.Queue[ActionsPayload] = asyncio.Queue()
            events: list[str] = []
            client = client_of(
                upstream, on_connect=lambda: events.append("up"), on_disconnect=lambda: events.append("down")
            )
            async with client.on_actions(received.put_nowait):
                client.run_in_background()
                assert [number_of(await soon(received.get())) for _ in range(2)] == [1, 2]
            assert [r.headers.get("Last-Event-ID") for r in upstream.requests] == [None, None, "41", "41"]
            assert events == ["up", "down", "up"]
            assert client.counts["malformed"] == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("asked", "waits"), [(b"2000", "in 2.0 s"), (b"900000", "in 5.0 s"), (b"soon", "in 0.0 s")]
)
def test_limits_the_reconnection_time_that_a_stream_requests(
    asked: bytes, waits: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        upstream = Upstream()
        script = upstream.sends(b"retry: " + asked + b"\n\n" + actions(1), then_idle=False)
        async with upstream.listening(script):
            disconnected = asyncio.Event()
            client = AsyncConnectorClient(
                upstream.url, TOKEN, initial_backoff_s=0.001, max_backoff_s=5, on_disconnect=disconnected.set
            )
            async with client:
                client.run_in_background()
                await soon(disconnected.wait())
                await asyncio.sleep(0)
        assert waits in caplog.text

    asyncio.run(scenario())


def test_retries_with_a_remedy_when_a_page_answers_instead_of_a_stream() -> None:
    async def scenario() -> None:
        async with Upstream(200).listening() as upstream:
            client = client_of(upstream, max_retries=2)
            with pytest.raises(AutoplayError, match="text/plain") as given_up:
                await soon(client.run())
            assert len(upstream.requests) == 3
            assert "Check the URL" in given_up.value.remedy
            assert client.state == "failed"

    asyncio.run(scenario())


def test_retries_a_refused_connection_until_retries_are_exhausted() -> None:
    async def scenario() -> None:
        async with Upstream(200).listening() as upstream:
            pass
        with pytest.raises(AutoplayError, match=r"2 times.*ClientConnectorError"):
            await soon(client_of(upstream, max_retries=1).run())

    asyncio.run(scenario())


class Recorded:
    """A back-off that does not wait, and records the number of failures."""

    max_s = 30.0

    def __init__(self, *_limits: float) -> None:
        self.failures: list[int] = []

    def wait_s(self, failures: int) -> float:
        self.failures.append(failures)
        return 0.0


def test_back_off_grows_until_a_frame_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    backoff = Recorded()
    monkeypatch.setattr("rasa_autoplay.gateway.sources.connector.Backoff", lambda *limits: backoff)

    async def scenario() -> None:
        upstream = Upstream()
        silent, heartbeat = (upstream.sends(*frames, then_idle=False) for frames in ((), (b"data\n\n",)))
        async with upstream.listening(500, silent, silent, heartbeat, silent, upstream.sends(actions(1))):
            received: asyncio.Queue[ActionsPayload] = asyncio.Queue()
            async with client_of(upstream).on_actions(received.put_nowait) as client:
                client.run_in_background()
                await soon(received.get())
        assert backoff.failures == [1, 2, 3, 1, 2]

    asyncio.run(scenario())


@pytest.mark.parametrize("how", ["here", "thread", "callback", "before it began"])
def test_stop_ends_an_idle_stream_at_once(how: str) -> None:
    async def scenario() -> None:
        upstream = Upstream()
        async with upstream.listening(upstream.sends(actions(1))):
            received = asyncio.Event()
            client = client_of(upstream).on_actions(lambda _payload: received.set())
            if how == "callback":
                client.on_actions(lambda _payload: client.stop())
            task = client.run_in_background()
            if how in ("here", "thread"):
                await soon(received.wait())
            if how == "thread":
                threading.Thread(target=client.stop).start()
            elif how != "callback":
                client.stop()
            await soon(task)
            assert client.state == "idle"
        assert tasks_left() == []

    # Debug mode rejects calls that would wake the loop from another thread only by luck.
    asyncio.run(scenario(), debug=how == "thread")


def test_stop_ends_a_wait_between_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        waiting = asyncio.Event()

        class AnHour(Recorded):
            def wait_s(self, failures: int) -> float:
                waiting.set()
                return 3600.0

        monkeypatch.setattr("rasa_autoplay.gateway.sources.connector.Backoff", AnHour)
        async with Upstream(503).listening() as upstream:
            client = client_of(upstream)
            task = client.run_in_background()
            await soon(waiting.wait())
            client.stop()
            await soon(task)

    asyncio.run(scenario())


def test_stopped_client_can_run_again_but_not_concurrently() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        async with upstream.listening(upstream.sends(actions(1))):
            received: asyncio.Queue[ActionsPayload] = asyncio.Queue()
            client = client_of(upstream).on_actions(received.put_nowait)
            for _ in range(2):
                task = client.run_in_background()
                await soon(received.get())
                with pytest.raises(RuntimeError, match="already running"):
                    await client.run()
                client.stop()
                await soon(task)

    asyncio.run(scenario())


def test_cancellation_ends_everything_and_propagates() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        async with upstream.listening(upstream.sends(actions(1))):
            reached = asyncio.Event()

            async def hang(_payload: ActionsPayload) -> None:
                reached.set()
                await asyncio.Event().wait()

            task = client_of(upstream).on_actions(hang).run_in_background()
            await soon(reached.wait())
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await soon(task)
        assert tasks_left() == []

    asyncio.run(scenario())


def test_slow_callbacks_of_a_session_run_in_order_without_drops() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        # More than may be pending at a time: the stream must wait and lose none.
        frames = [actions(number, session=f"s{number % 3}") for number in range(2500)]
        async with upstream.listening(upstream.sends(*frames)):
            seen: dict[str | None, list[int]] = {"s0": [], "s1": [], "s2": []}
            started, finish, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

            async def slow(payload: ActionsPayload) -> None:
                started.set()
                await finish.wait()
                if number_of(payload) % 7 == 0:
                    await asyncio.sleep(0)
                seen[payload.session_id].append(number_of(payload))
                if sum(map(len, seen.values())) == 2500:
                    done.set()

            async with client_of(upstream).on_actions(slow) as client:
                client.run_in_background()
                await soon(started.wait())
                finish.set()
                await soon(done.wait())
            assert seen == {f"s{n}": list(range(n, 2500, 3)) for n in range(3)}

    asyncio.run(scenario())


def test_slow_session_does_not_delay_others_even_of_the_same_id() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        frames = [actions(0, "slow"), actions(1, "quick"), actions(2, "slow", product="other")]
        async with upstream.listening(upstream.sends(*frames)):
            release = asyncio.Event()
            received: asyncio.Queue[int] = asyncio.Queue()

            async def callback(payload: ActionsPayload) -> None:
                if (payload.product_id, payload.session_id) == ("demo", "slow"):
                    await release.wait()
                await received.put(number_of(payload))

            async with client_of(upstream).on_actions(callback) as client:
                client.run_in_background()
                assert [await soon(received.get()), await soon(received.get())] == [1, 2]
                release.set()
                assert await soon(received.get()) == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [KeyError("oops"), asyncio.CancelledError()])
def test_only_logs_a_callback_that_raises(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        upstream = Upstream()
        async with upstream.listening(upstream.sends(actions(0), actions(1))):
            received: asyncio.Queue[int] = asyncio.Queue()

            async def callback(payload: ActionsPayload) -> None:
                await received.put(number_of(payload))
                if number_of(payload) == 0:
                    raise error

            async with client_of(upstream, on_connect=lambda: 1 / 0).on_actions(callback) as client:
                client.run_in_background()
                assert [await soon(received.get()), await soon(received.get())] == [0, 1]
        assert len(upstream.requests) == 1
        assert "A callback" in caplog.text
        assert "ZeroDivisionError" in caplog.text

    asyncio.run(scenario())


def test_stop_still_delivers_what_was_read() -> None:
    async def scenario() -> None:
        upstream = Upstream()
        async with upstream.listening(upstream.sends(actions(0) + actions(1) + actions(2))):
            seen: list[int] = []
            client = client_of(upstream)

            async def callback(payload: ActionsPayload) -> None:
                client.stop()
                await asyncio.sleep(0.01)
                seen.append(number_of(payload))

            await soon(client.on_actions(callback).run())
            assert seen == [0, 1, 2]

    asyncio.run(scenario())


def test_never_shows_the_token(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with Upstream(500, 200, 404).listening() as upstream:
            secretive = upstream.url.replace("//", f"//{TOKEN}@") + f"?token={TOKEN}"
            client = AsyncConnectorClient(secretive, initial_backoff_s=0.001, max_backoff_s=0.001)
            with caplog.at_level(logging.DEBUG, "rasa_autoplay"), pytest.raises(SourceRefused) as refused:
                await soon(client.run())
        shown = caplog.text + str(refused.value) + repr(refused.value) + repr(client) + client.remedy
        assert "127.0.0.1" in shown
        assert TOKEN not in shown

    asyncio.run(scenario())


def test_reads_the_token_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPLAY_APP_UNKEY_TOKEN", f" {TOKEN}\n")

    async def scenario() -> None:
        async with Upstream(404).listening() as upstream:
            with pytest.raises(SourceRefused):
                await soon(AsyncConnectorClient(upstream.url).run())
            assert upstream.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"

    asyncio.run(scenario())


def test_rejects_an_invalid_url_at_once() -> None:
    client = AsyncConnectorClient("example.com/stream/demo", TOKEN)
    with pytest.raises(ConfigError, match="http"):
        asyncio.run(client.run())
    assert client.state == "failed"


@pytest.mark.parametrize(
    "options",
    [
        {"connect_timeout": 0},
        {"session_concurrency": 0},
        {"initial_backoff_s": 0},
        {"max_backoff_s": 0.5},
        {"max_retries": -1},
    ],
)
def test_rejects_invalid_limits(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        AsyncConnectorClient("http://localhost/stream/demo", TOKEN, **options)
