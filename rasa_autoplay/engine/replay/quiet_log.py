"""Keeps what a replay decides out of the log, where it would read like what happens to live users."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar

from rasa_autoplay.engine.decisions import offer_decider, offer_lifecycle
from rasa_autoplay.engine.offers import open_offers

__all__ = ["run_quietly"]

_ResultT = TypeVar("_ResultT")

_is_replay: ContextVar[bool] = ContextVar("autoplay_is_replay", default=False)


def _is_live(_record: logging.LogRecord) -> bool:
    return not _is_replay.get()


for _logger in (offer_decider.logger, offer_lifecycle.logger, open_offers.logger):
    _logger.addFilter(_is_live)


def run_quietly(replay: Callable[[], Coroutine[Any, Any, _ResultT]]) -> _ResultT:
    """Run a replay on an event loop of its own; call it in a thread."""
    token = _is_replay.set(True)
    try:
        return asyncio.run(replay())
    finally:
        _is_replay.reset(token)
