"""Every error that this package raises on purpose.

    AutoplayError
    ├── AdoptionRefused          init cannot change a Rasa project, or not take back what it changed
    ├── ConfigError              a file that we read at start is wrong
    ├── MalformedEvent           one event or batch that cannot be read (skipped and counted)
    ├── UpstreamError            an upstream service failed for good
    │   └── SourceRefused        an upstream answered 401, 403 or 404: retrying cannot help
    ├── BufferFullError          a buffer has no room; only for code written for the vendor's SDK
    ├── EngineUnreachable        the action server does not answer
    ├── BatchRefused             the engine cannot read a batch of messages
    ├── IdentityRefused          a browser may not speak for the user that it names
    ├── UnusableRecording        what was given to a simulation is no recording, or is empty
    └── ChatUndelivered          Rasa took the message, but it did not arrive in a chat window

An error of one module's own lives with that module: ``QueueFullError``, ``EngineRefused``,
``InvalidTransitionError`` (the FSM's, also a ``ValueError`` as in the vendor's SDK) and so on. Each of them
is an ``AutoplayError`` too.

A message says what is wrong, where, and the remedy; it never holds a secret.
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
#: ``invalid``: the request cannot be used; ``failed``: a fault of the side that was asked.
RefusalKind = Literal[
    "invalid", "unauthorized", "forbidden", "not_found", "too_many", "unavailable", "failed"
]


class AutoplayError(Exception):
    """Base of this package's errors; ``remedy`` says what to do about it, where we know."""

    def __init__(self, message: str = "", *, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class AdoptionRefused(AutoplayError):
    """A Rasa project cannot be changed safely, or not be changed back; nothing was changed."""


class ConfigError(AutoplayError):
    """A configuration file holds a wrong key, type, unit or reference."""


class MalformedEvent(AutoplayError):
    """An event or a batch of them cannot be read; it is skipped and counted, never fatal."""


class UpstreamError(AutoplayError):
    """An upstream service refused us, or could not be reached as often as we were told to try."""


class SourceRefused(UpstreamError):
    """An upstream refused us for good (401, 403, 404)."""


class BufferFullError(AutoplayError):
    """A buffer has no room. Nothing here raises it: sources wait, or count what they drop."""


class EngineUnreachable(AutoplayError):
    """The action server, where the engine lives, does not answer."""


class BatchRefused(AutoplayError):
    """The engine answers, but cannot read this batch of messages, or finds it too large."""


class ChatUndelivered(AutoplayError):
    """A bot message did not reach a chat window."""


class IdentityRefused(AutoplayError):
    """A browser may not speak for the user that it names.

    Args:
        reason: what health counts: ``no_token``, ``invalid``, ``expired``, ``wrong_product``, ``wrong_user``.
        message: for the caller.
        remedy: for the team that builds the host app.
        kind: ``unauthorized`` without a good token, ``forbidden`` with another user's, ``unavailable`` while
            nobody can tell.
    """

    def __init__(self, reason: str, message: str, remedy: str, *, kind: RefusalKind = "unauthorized") -> None:
        super().__init__(message, remedy=remedy)
        self.reason = reason
        self.kind = kind


class UnusableRecording(AutoplayError):
    """A file or folder of recordings is missing, unreadable, or holds nothing that can be replayed."""
