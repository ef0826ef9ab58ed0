"""What a request from gateway to engine is: a struct that names the type of its answer.

Both ends are checked by mypy: ``await link.ask(StartTour(...))`` is a ``TourStarted``. A request is JSON with
its tag under ``type``. Unknown fields are rejected, so that two versions cannot misread each other.
"""

from __future__ import annotations

from typing import Generic, TypeVar, cast, get_args

import msgspec

__all__ = ["EngineRequest", "UserRequest", "answer_type", "tag_of"]

AnswerT = TypeVar("AnswerT")


class EngineRequest(msgspec.Struct, Generic[AnswerT], frozen=True, forbid_unknown_fields=True):
    """A request whose answer is an ``AnswerT``."""


class UserRequest(EngineRequest[AnswerT], Generic[AnswerT], frozen=True):
    """A request about one user: the engine that serves this user answers it."""

    user_id: str


def tag_of(request: EngineRequest[AnswerT]) -> str:
    """Return the request's name on the wire, for logs."""
    return str(request.__struct_config__.tag)


def answer_type(request_type: type[EngineRequest[AnswerT]]) -> type[AnswerT]:
    """Return the type of answer to a type of request."""
    (answer,) = get_args(request_type.__orig_bases__[0])  # type: ignore[attr-defined] # typing makes it
    return cast("type[AnswerT]", answer)
