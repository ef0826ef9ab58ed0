"""Reads the vendor's event stream: ``GET {url}`` with a bearer token, which does not end.

The public names are those of the vendor's SDK. The behaviour differs on purpose:

* Nothing is dropped. A session's callbacks run in order, one at a time, and a slow session does not delay
  others.
* A refused token is fatal and comes with a remedy. The SDK retries forever.
* If the server closes the stream, that counts as a disconnect. The wait before reconnecting grows until a
  frame has arrived or the connection has been stable.
* ``stop()`` ends an idle stream at once. Cancelling ``run()`` raises ``CancelledError``, as usual in asyncio.
* If ``max_retries`` is exhausted, ``UpstreamError`` is raised.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

import aiohttp

from rasa_autoplay.common.http.sse import DEFAULT_MAX_EVENT_BYTES
from rasa_autoplay.common.records import Record, Records
from rasa_autoplay.common.runtime.backoff import Backoff
from rasa_autoplay.common.runtime.session_lanes import SessionLanes
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import AutoplayError, ConfigError, MalformedEvent, SourceRefused, UpstreamError
from rasa_autoplay.events.models import ActionsPayload, LeftOut, SummaryPayload, UsertourTrigger
from rasa_autoplay.gateway.sources.failures import FailedEvents
from rasa_autoplay.gateway.sources.stream import EventStream, NotAStream, Payload
from rasa_autoplay.gateway.sources.upstream import get_json, product_base, safe_url

__all__ = ["AsyncConnectorClient"]

logger = logging.getLogger(__name__)

_TOKEN_VARIABLE = "AUTOPLAY_APP_UNKEY_TOKEN"  # noqa: S105 - a variable's name, the SDK's
#: If this many callbacks wait or run, the stream is not read until one ends.
_MAX_PENDING = 1000
_DRAIN_TIMEOUT_S = 5.0

_Lifecycle = Callable[[], Any]


class AsyncConnectorClient:
    """Reads one product's stream and passes its payloads to callbacks.

    Args:
        url: ``https://<host>/stream/<product_id>``.
        token: the stream's token; empty for the one in ``AUTOPLAY_APP_UNKEY_TOKEN``.
        connect_timeout: seconds to connect, and again until the answer begins. The stream itself has no
            limit, but if nothing arrives for five minutes, not even a heartbeat, it is opened again.
        session_concurrency: has no effect, and is accepted because the SDK has it.
        initial_backoff_s: the first wait before reconnecting; it doubles with each failure.
        max_backoff_s: the longest wait.
        max_retries: give up after this many failures in a row; None for never.
        on_connect: called when the stream is open; may be a coroutine function.
        on_disconnect: called when an open stream is lost; may be a coroutine function.
        metrics: has no effect, and is accepted because the SDK has it; read ``counts`` instead.
        max_event_bytes: larger frames are skipped and counted.
        product_id: the product for questions about knowledge and memory, if the URL does not name it.
        left_out: called with the problem of each action and each frame that could not be read.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        connect_timeout: float = 10.0,
        session_concurrency: int = 4,
        initial_backoff_s: float = 1.0,
        max_backoff_s: float = 30.0,
        max_retries: int | None = None,
        on_connect: _Lifecycle | None = None,
        on_disconnect: _Lifecycle | None = None,
        metrics: object = None,
        *,
        max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES,
        product_id: str = "",
        left_out: LeftOut | None = None,
    ) -> None:
        if connect_timeout <= 0:
            raise ValueError(f"connect_timeout must be > 0, got {connect_timeout!r}")
        if session_concurrency < 1:
            raise ValueError(f"session_concurrency must be >= 1, got {session_concurrency!r}")
        if max_retries is not None and max_retries < 0:
            raise ValueError(f"max_retries must be >= 0 or None, got {max_retries!r}")
        self._url = url
        self._token = token.strip() or os.environ.get(_TOKEN_VARIABLE, "").strip()
        self._connect_timeout = connect_timeout
        self._backoff = Backoff(initial_backoff_s, max_backoff_s)
        self._max_retries = max_retries
        self._on_connect = on_connect
        self._on_disconnect = on_disconnect
        self._product_id = product_id
        self._stream = EventStream(
            url, self._token, max_event_bytes, left_out or FailedEvents("stream").record
        )
        self._callbacks: dict[type, Callable[[Any], Any]] = {}
        self._opened_at: float | None = None
        self._running = False
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_asked: asyncio.Event | None = None
        #: ``remedy`` says how to fix a ``failed`` or ``connecting`` state; empty if that is unknown.
        self.state: Literal["idle", "connecting", "connected", "failed"] = "idle"
        self.remedy = ""

    def __repr__(self) -> str:
        return f"AsyncConnectorClient(url={safe_url(self._url)!r}, state={self.state!r})"

    @property
    def counts(self) -> dict[str, int]:
        """Frames so far: ``accepted``, ``malformed`` (no JSON object), ``oversized``, ``unknown`` (type)."""
        return dict(self._stream.counts)

    def on_actions(self, fn: Callable[[ActionsPayload], Any]) -> AsyncConnectorClient:
        """Call ``fn`` (it may be a coroutine function) with each batch of actions."""
        self._callbacks[ActionsPayload] = fn
        return self

    def on_summary(self, fn: Callable[[SummaryPayload], Any]) -> AsyncConnectorClient:
        """Call ``fn`` (it may be a coroutine function) with each summary."""
        self._callbacks[SummaryPayload] = fn
        return self

    def on_usertour_trigger(self, fn: Callable[[UsertourTrigger], Any]) -> AsyncConnectorClient:
        """Call ``fn`` (it may be a coroutine function) with each request for a tour (not in the SDK)."""
        self._callbacks[UsertourTrigger] = fn
        return self

    async def run(self) -> None:
        """Read the stream, and reconnect after failures, until ``stop()``.

        Before it returns, it waits at most 5 s for running callbacks.

        Raises:
            SourceRefused: HTTP 401, 403 or 404.
            ConfigError: the URL is no http or https URL.
            UpstreamError: ``max_retries`` is exhausted.
            RuntimeError: the client is already running.
        """
        self._running = True
        await self._run()

    def run_in_background(self) -> asyncio.Task[None]:
        """Start ``run()`` as a task of the running event loop; await the task after ``stop()``."""
        self._running = True
        self._task = asyncio.get_running_loop().create_task(self._run())
        return self._task

    def stop(self) -> None:
        """Make ``run()`` return. May be called from any thread, and before ``run()`` has begun."""
        self._running = False
        if self._loop is not None and self._stop_asked is not None:
            with suppress(RuntimeError):  # the loop is closed, so nothing is running
                self._loop.call_soon_threadsafe(self._stop_asked.set)

    async def __aenter__(self) -> AsyncConnectorClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        if self._task is not None and self._task is not asyncio.current_task():
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        if self._stop_asked is not None:
            raise RuntimeError("this client is already running; create another one for another stream")
        if not self._running:
            return
        self._loop = asyncio.get_running_loop()
        self._stop_asked = asyncio.Event()
        lanes = SessionLanes(_MAX_PENDING)
        reading = self._loop.create_task(self._keep_reading(lanes))
        stopping = self._loop.create_task(self._stop_asked.wait())
        try:
            await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
            await end_tasks([reading])
            await lanes.drain(_DRAIN_TIMEOUT_S)
            if not reading.cancelled():
                reading.result()
        finally:
            self._running = False
            self._stop_asked = None
            if self.state != "failed":
                self.state = "idle"
            await lanes.cancel()
            await end_tasks([reading, stopping])

    async def _keep_reading(self, lanes: SessionLanes) -> None:
        failures = 0
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout)
        try:
            self._require_url()
            async with aiohttp.ClientSession(timeout=timeout) as http:
                while True:
                    self.state = "connecting"
                    reason = await self._read_once(http, lanes)
                    failures = 1 if self._was_stable() else failures + 1
                    if self._opened_at is not None:
                        await _notify(self._on_disconnect)
                    await self._wait(failures, reason)
        except AutoplayError as fatal:
            self.state, self.remedy = "failed", fatal.remedy
            logger.error("The event stream failed and is not retried: %s", fatal)
            raise

    def _require_url(self) -> None:
        if not self._url.lower().startswith(("http://", "https://")):
            raise ConfigError(
                "The event stream's URL is not an http or https URL.", remedy="Write it as https://…"
            )

    async def _read_once(self, http: aiohttp.ClientSession, lanes: SessionLanes) -> str:
        """Read one connection to its end; returns why it ended, without secrets.

        Raises:
            SourceRefused: retrying cannot help.
        """
        self._opened_at = None
        logger.info("Connecting to %s", safe_url(self._url))
        try:
            await self._stream.read(
                http,
                answer_s=self._connect_timeout,
                on_open=self._opened,
                on_payload=partial(self._deliver, lanes),
            )
        except SourceRefused:
            raise
        except NotAStream as answer:
            self.remedy = answer.remedy
            return answer.message
        except Exception as problem:
            # Only the type, because the text may contain the URL's query.
            name = type(problem).__name__
            self.remedy = f"{safe_url(self._url)} does not answer ({name}): check that it can be reached."
            return name
        return "the server closed the stream"

    async def _opened(self) -> None:
        self.state, self.remedy = "connected", ""
        self._opened_at = time.monotonic()
        logger.info("Connected to %s", safe_url(self._url))
        await _notify(self._on_connect)

    async def _deliver(self, lanes: SessionLanes, payload: Payload) -> None:
        callback = self._callbacks.get(type(payload))
        if callback is not None:
            await lanes.put((payload.product_id, payload.session_id), partial(callback, payload))

    def _was_stable(self) -> bool:
        lasted = 0.0 if self._opened_at is None else time.monotonic() - self._opened_at
        return self._opened_at is not None and (self._stream.proven or lasted >= self._backoff.max_s)

    async def _wait(self, failures: int, reason: str) -> None:
        self.state = "connecting"
        if self._max_retries is not None and failures > self._max_retries:
            raise UpstreamError(
                f"{safe_url(self._url)} failed {failures} times in a row. The last reason: {reason}.",
                remedy=self.remedy or "Check that it is reachable from here.",
            )
        # The stream's own reconnection time can lengthen the wait up to max_backoff_s, but not shorten it.
        asked_s = min(self._stream.retry_s, self._backoff.max_s)
        seconds = max(self._backoff.wait_s(failures), asked_s)
        logger.warning("The event stream is not connected (%s); reconnecting in %.1f s", reason, seconds)
        await asyncio.sleep(seconds)

    async def query_knowledge_base(self, *, query: str, top_k: int = 3) -> Records:
        """Find the golden paths that fit a question, best first: ``GET {base}/knowledge-base/{product_id}``.

        Args:
            query: the user's question.
            top_k: the largest number of results.

        Raises:
            SourceRefused: HTTP 401, 403 or 404.
            AutoplayError: there is no usable answer.
        """
        base, product = product_base(self._url, self._product_id)
        answer = await self._get(f"{base}/knowledge-base/{product}", query=query, top_k=str(top_k))
        return Records.from_answer(answer)

    async def get_user_memory(self, *, user_id: str) -> Record:
        """What a user knows and where they struggle: ``GET {base}/users/{product_id}/{user_id}/memory``.

        Raises:
            SourceRefused: HTTP 401, 403 or 404.
            AutoplayError: there is no usable answer.
        """
        base, product = product_base(self._url, self._product_id)
        answer = await self._get(f"{base}/users/{product}/{quote(user_id, safe='')}/memory")
        if not isinstance(answer, dict):
            raise MalformedEvent("the answer is not an object")
        return Record(answer)

    async def _get(self, url: str, **params: str) -> Any:
        return await get_json(url, token=self._token, params=params, timeout_s=self._connect_timeout)


async def _notify(callback: _Lifecycle | None) -> None:
    if callback is None:
        return
    try:
        outcome = callback()
        if inspect.isawaitable(outcome):
            await outcome
    except Exception:
        logger.exception("A callback for the connection's state raised")
