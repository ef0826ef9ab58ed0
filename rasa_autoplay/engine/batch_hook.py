"""Calls the team's own function with every batch (``on_actions``), without delaying the engine."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from rasa_autoplay.common.runtime.keyed_queue import KeyedQueue
from rasa_autoplay.engine.external_offers.copilot import Copilot
from rasa_autoplay.engine.triggers.configured.loader import load_object
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["BatchHook", "Hook", "load_hook"]

logger = logging.getLogger(__name__)

#: A team's own function. It is called with every batch, and with the copilot if it has a second parameter.
Hook = Callable[..., Any]

#: A coroutine mostly waits for a language model, so many can run side by side.
_MAX_RUNNING = 64
#: Overflow policy: while this many calls wait, new ones are dropped and counted.
_MAX_WAITING = 1_000
#: The same for one user, so that a user whose calls are slow does not use up the queue of all others.
_MAX_WAITING_OF_USER = 20
#: When the engine stops, all waiting coroutines together have this long.
_STOP_S = 5.0
#: A plain function that takes longer delays every user noticeably.
_BLOCKS_S = 0.05

_REMEDY = "Write `async def on_actions(payload)` or `async def on_actions(payload, copilot)`."


class BatchHook:
    """Calls a function with each batch.

    A plain function runs on the event loop, so it must be quick. A coroutine function runs in the background:
    the batches of one user in order, those of different users side by side. It is cancelled if it takes too
    long.

    Args:
        hook: the function, or coroutine function.
        timeout_s: how long one coroutine may take.
        wants_copilot: whether the function has a second parameter.
    """

    def __init__(self, hook: Hook, timeout_s: float, *, wants_copilot: bool = False) -> None:
        self._hook, self._timeout_s, self._wants_copilot = hook, timeout_s, wants_copilot
        self._name = _name_of(hook)
        self._queue = KeyedQueue(
            self._run, _MAX_RUNNING, _MAX_WAITING, _MAX_WAITING_OF_USER, "autoplay, on_actions"
        )
        #: ``hook_failed``, ``hook_timed_out``, ``hook_dropped``, ``hook_blocked``.
        self.counts: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many coroutines wait for their turn."""
        return self._queue.waiting

    def call(self, payload: ActionsPayload, copilot: Copilot) -> None:
        """Call the hook; a coroutine runs later."""
        began = time.perf_counter()
        try:
            result = self._hook(payload, copilot) if self._wants_copilot else self._hook(payload)
        except Exception:
            self._failed()
            return
        self._check_time(time.perf_counter() - began)
        if asyncio.iscoroutine(result) and not self._queue.add(_key_of(payload), result):
            self._dropped()

    async def stop(self) -> None:
        """Finish the waiting coroutines if time allows, and cancel the rest."""
        await self._queue.stop(_STOP_S)

    def health(self) -> dict[str, int]:
        """Return counts, and how many calls run and wait now."""
        return {**self.counts, "hook_running": self._queue.running, "hook_waiting": self._queue.waiting}

    async def _run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        running = asyncio.get_running_loop().create_task(coroutine, name="autoplay, one on_actions")
        try:
            # wait_for would wait for ever for a coroutine that ignores its cancellation.
            done, _ = await asyncio.wait([running], timeout=self._timeout_s)
        finally:
            running.cancel()
        if not done:
            running.add_done_callback(lambda late: late.cancelled() or late.exception())
            self.counts["hook_timed_out"] += 1
            logger.error(
                "The on_actions hook %s took longer than %g s and was cancelled: see on_actions_timeout in "
                "autoplay.yml.",
                self._name,
                self._timeout_s,
            )
            return
        try:
            running.result()
        except (Exception, asyncio.CancelledError):
            self._failed()

    def _check_time(self, took_s: float) -> None:
        if took_s <= _BLOCKS_S:
            return
        if not self.counts["hook_blocked"]:
            logger.warning(
                "The on_actions hook %s blocked the engine for %d ms, and delayed all users. Write it as "
                "`async def`, and await what takes long. Health counts further calls of this kind.",
                self._name,
                took_s * 1000,
            )
        self.counts["hook_blocked"] += 1

    def _dropped(self) -> None:
        if not self.counts["hook_dropped"]:
            logger.error("The on_actions hook %s has fallen behind; batches are skipped.", self._name)
        self.counts["hook_dropped"] += 1

    def _failed(self) -> None:
        self.counts["hook_failed"] += 1
        logger.exception("The on_actions hook %s failed.", self._name)


def load_hook(settings: EngineSettings, file: YamlFile) -> BatchHook | None:
    """Load the function that ``on_actions`` names; None if it is not set.

    Raises:
        ConfigError: there is no such function, or it cannot be called with a batch.
    """
    if settings.on_actions is None:
        return None
    hook = load_object(settings.on_actions, file, ["on_actions"])
    if not callable(hook):
        raise file.error(["on_actions"], f"{settings.on_actions} is not a function. {_REMEDY}")
    try:
        wants_copilot = _wants_copilot(hook)
    except TypeError as problem:
        raise file.error(["on_actions"], f"{settings.on_actions} {problem}. {_REMEDY}") from None
    return BatchHook(hook, settings.on_actions_timeout, wants_copilot=wants_copilot)


def _wants_copilot(hook: Hook) -> bool:
    """Whether a hook has a second parameter for the copilot.

    Raises:
        TypeError: it cannot be called with one or two arguments; the text continues "The hook …".
    """
    if inspect.isclass(hook):
        raise TypeError("is a class, not a function")
    try:
        signature = inspect.signature(hook)
    except ValueError:
        return False  # a function written in C does not say what it takes
    parameters = list(signature.parameters.values())
    if _accepts(signature, 1):
        return len(parameters) > 1 and parameters[1].name == "copilot" and _accepts(signature, 2)
    if _accepts(signature, 2):
        return True
    raise TypeError(f"takes {signature}, but it is called with the batch, and with the copilot if it wants")


def _accepts(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _key_of(payload: ActionsPayload) -> str:
    """The user, or the session while the user is unknown: their batches are handled in order."""
    return f"user {payload.user_id}" if payload.user_id else f"session {payload.session_id}"


def _name_of(hook: Hook) -> str:
    module = getattr(hook, "__module__", None) or type(hook).__module__
    return f"{module}:{getattr(hook, '__qualname__', type(hook).__qualname__)}"
