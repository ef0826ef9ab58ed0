"""The errors that this package raises.

    AutoplayError
    ├── AdoptionRefused          init cannot change a Rasa project or undo its changes
    ├── ConfigError              a configuration file is wrong
    ├── MalformedEvent           an event or batch cannot be read (it is skipped and counted)
    ├── UpstreamError            an upstream service failed permanently
    │   └── SourceRefused        an upstream answered 401, 403 or 404, so a retry cannot help
    ├── BufferFullError          a buffer is full; only for code written for the vendor's SDK
    ├── EngineUnreachable        the action server does not answer
    ├── BatchRefused             the engine cannot read a batch of messages
    ├── IdentityRefused          a browser may not act for the user that it names
    ├── UnusableRecording        the input of a simulation is not a recording, or is empty
    └── ChatUndelivered          Rasa accepted the message, but no chat window received it

Some modules define their own errors, such as ``QueueFullError``, ``EngineRefused`` and
``InvalidTransitionError`` (also a ``ValueError``, as in the vendor's SDK). They all derive from
``AutoplayError``.

A message says what is wrong, where, and how to fix it. It never contains a secret.
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "AdoptionRefused",
    "AutoplayError",
    "BatchRefused",
    "BufferFullError",
    "ChatUndelivered",
    "ConfigError",
    "EngineUnreachable",
    "IdentityRefused",
    "MalformedEvent",
    "RefusalKind",
    "SourceRefused",
    "UnusableRecording",
    "UpstreamError",
]


#: Why a request is refused; the gateway's routes choose the HTTP status by it.
#: ``invalid``: the request cannot be used; ``unprocessable``: it can be read, but names what does not exist
#: or may not be; ``conflict``: the same request is being answered now; ``failed``: a fault of the side that
#: was asked.
RefusalKind = Literal[
    "invalid",
    "unauthorized",
    "forbidden",
    "not_found",
    "too_many",
    "unavailable",
    "unprocessable",
    "conflict",
    "failed",
]


class AutoplayError(Exception):
    """Base class of this package's errors; ``remedy`` says how to fix it, if we know."""

    def __init__(self, message: str = "", *, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class AdoptionRefused(AutoplayError):
    """A Rasa project cannot be changed, or restored, safely. Nothing was changed."""


class ConfigError(AutoplayError):
    """A configuration file contains a wrong key, type, unit or reference."""


class MalformedEvent(AutoplayError):
    """An event or a batch of events cannot be read. It is skipped and counted."""


class UpstreamError(AutoplayError):
    """An upstream service refused us, or could not be reached within the allowed attempts."""


class SourceRefused(UpstreamError):
    """An upstream refused us permanently (401, 403, 404)."""


class BufferFullError(AutoplayError):
    """A buffer is full. This package never raises it: sources wait, or count what they drop."""


class EngineUnreachable(AutoplayError):
    """The action server, which runs the engine, does not answer."""


class BatchRefused(AutoplayError):
    """The engine cannot read a batch of messages, or the batch is too large."""


class ChatUndelivered(AutoplayError):
    """No chat window received a bot message."""


class IdentityRefused(AutoplayError):
    """A browser may not act for the user that it names.

    Args:
        reason: the name of the health counter: ``no_token``, ``invalid``, ``expired``, ``wrong_product`` or
            ``wrong_user``.
        message: for the client.
        remedy: for the developers of the host app.
        kind: ``unauthorized`` without a valid token, ``forbidden`` with another user's token, ``unavailable``
            while nobody can tell.
    """

    def __init__(self, reason: str, message: str, remedy: str, *, kind: RefusalKind = "unauthorized") -> None:
        super().__init__(message, remedy=remedy)
        self.reason = reason
        self.kind = kind


class UnusableRecording(AutoplayError):
    """A file or folder of recordings is missing, unreadable, or has nothing to replay."""
