"""Turns the engine's answer, refusal or failure into a reply."""

from __future__ import annotations

import logging
from typing import Any, Protocol

import msgspec

from rasa_autoplay.common.tracing.remote_caller import RemoteCaller
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Refusal, Reply
from rasa_autoplay.link.request_types import EngineRequest, tag_of

__all__ = ["ENGINE_FAILED", "RequestAnswerer", "reply_to"]

logger = logging.getLogger(__name__)

_encoder = msgspec.json.Encoder()
_NO_ANSWER = msgspec.Raw(b"null")

#: For an unexpected exception, whose text stays in the log.
ENGINE_FAILED = Refusal("failed", "the engine failed; the log of its server says why")


class RequestAnswerer(Protocol):
    """The part of the engine that answers requests."""

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        """Answer a request by the type that it names; raises :class:`EngineRefused`."""
        ...


async def reply_to(
    engine: RequestAnswerer, request: EngineRequest[Any] | Refusal, trace_parent: str = ""
) -> Reply:
    """Answer a request.

    Args:
        engine: answers the request.
        request: the decoded request, or the refusal of one that could not be decoded.
        trace_parent: the gateway's span; empty if it is not traced.
    """
    if isinstance(request, Refusal):
        return Reply(refusal=request)
    with RemoteCaller(trace_parent) as caller:
        answer, refusal = await _answer_or_refusal(engine, request)
    return Reply(answer, refusal, caller.answered_in)


async def _answer_or_refusal(
    engine: RequestAnswerer, request: EngineRequest[Any]
) -> tuple[msgspec.Raw, Refusal | None]:
    try:
        return msgspec.Raw(_encoder.encode(await engine.answer(request))), None
    except EngineRefused as refusal:
        return _NO_ANSWER, refusal.refusal()
    except Exception:
        logger.exception("The engine failed at %s.", tag_of(request))
        return _NO_ANSWER, ENGINE_FAILED
