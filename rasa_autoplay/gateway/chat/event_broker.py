"""Publishes in Rasa's event broker, which may block, hang, or publish later than it says."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from rasa_autoplay.errors import AutoplayError

__all__ = ["BrokerFailed", "as_event", "publish_all"]

_TIMEOUT_S = 15.0
#: Rasa's brokers that block until they have published, or for minutes. They may be used from another thread.
_BLOCKING = ("FileEventBroker", "KafkaEventBroker", "SQLEventBroker")
#: The name of our events among Rasa's own.
_EVENT = "autoplay_outcome"
#: A thread that hangs cannot be ended, so there is never a second one.
_busy = threading.Lock()


class BrokerFailed(AutoplayError):
    """The broker has not published everything; the text contains no secrets."""


async def publish_all(broker: Any, outcomes: Sequence[dict[str, Any]]) -> None:
    """Publish outcomes in order, and return once they have left this process, as far as the broker can tell.

    Args:
        broker: Rasa's event broker.
        outcomes: in the form of docs/outcomes.md.

    Raises:
        BrokerFailed: some may not have been published; all should be published again later.
    """
    events = [as_event(each) for each in outcomes]
    try:
        if not broker.is_ready():
            raise BrokerFailed("it is not connected")
        if any(base.__name__ in _BLOCKING for base in type(broker).__mro__):
            await asyncio.wait_for(_in_thread(lambda: _publish_blocking(broker, events)), _TIMEOUT_S)
        else:
            await asyncio.wait_for(_publish(broker, events), _TIMEOUT_S)
        if not broker.is_ready():
            raise BrokerFailed("its connection was lost")
    except asyncio.TimeoutError:
        raise BrokerFailed("it does not answer in time") from None
    except BrokerFailed:
        raise
    except Exception as failure:
        # Only the type, because the text may contain an address with a password.
        raise BrokerFailed(f"it failed ({type(failure).__name__})") from None


def as_event(outcome: dict[str, Any]) -> dict[str, Any]:
    """Return an outcome in the form of Rasa's events, of which consumers know ``event`` and ``sender_id``."""
    at = datetime.fromisoformat(outcome["timestamp"].replace("Z", "+00:00")).timestamp()
    return {"sender_id": outcome["data"]["user_id"], "event": _EVENT, "timestamp": at, "outcome": outcome}


async def _publish(broker: Any, events: Sequence[dict[str, Any]]) -> None:
    for event in events:
        result = broker.publish(event)
        if inspect.isawaitable(result):
            await result
    # Rasa's broker for RabbitMQ publishes in tasks of its own.
    tasks = [each for each in getattr(broker, "_background_tasks", ()) if isinstance(each, asyncio.Task)]
    if tasks:
        await asyncio.wait(tasks)


def _publish_blocking(broker: Any, events: Sequence[dict[str, Any]]) -> None:
    for event in events:
        broker.publish(event)
    flush = getattr(getattr(broker, "producer", None), "flush", None)
    if flush is not None and flush(_TIMEOUT_S / 2):
        raise BrokerFailed("Kafka has not confirmed everything")


async def _in_thread(work: Callable[[], None]) -> None:
    """Run blocking work in a thread that does not keep the process alive.

    Raises:
        BrokerFailed: the thread before still hangs.
    """
    if not _busy.acquire(blocking=False):
        raise BrokerFailed("it still hangs")
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(failure: Exception | None) -> None:
        if done.done():
            return
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)

    def run() -> None:
        failure: Exception | None = None
        try:
            work()
        except Exception as problem:
            failure = problem
        finally:
            _busy.release()
        with suppress(RuntimeError):  # the loop may have ended
            loop.call_soon_threadsafe(settle, failure)

    threading.Thread(target=run, name="autoplay-event-broker", daemon=True).start()
    await done
