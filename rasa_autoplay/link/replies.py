"""Turns the engine's answer, refusal or failure into a reply."""

from __future__ import annotations

import logging
from typing import Any, Protocol

import msgspec

from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Refusal, Reply
from rasa_autoplay.link.request_types import EngineRequest, tag_of

__all__ = ["ENGINE_FAILED", "RequestAnswerer", "reply_to"]

logger = logging.getLogger(__name__)

_encoder = msgspec.json.Encoder()

#: For an unexpected exception, whose text stays in the log.
ENGINE_FAILED = Refusal("failed", "the engine failed; the log of its server says why")


class RequestAnswerer(Protocol):
    """The part of the engine that answers requests."""

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        """Answer a request by the type that it names; raises :class:`EngineRefused`."""
        ...


async def reply_to(engine: RequestAnswerer, request: EngineRequest[Any] | Refusal) -> Reply:
    """Answer a request.

    Args:
        engine: answers the request.
        request: the decoded request, or the refusal of one that could not be decoded.
    """
    if isinstance(request, Refusal):
        return Reply(refusal=request)
    try:
        return Reply(msgspec.Raw(_encoder.encode(await engine.answer(request))))
    except EngineRefused as refusal:
        return Reply(refusal=refusal.refusal())
    except Exception:
        logger.exception("The engine failed at %s.", tag_of(request))
        return Reply(refusal=ENGINE_FAILED)
