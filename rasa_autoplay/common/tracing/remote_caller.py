"""The caller of a request that the engine answers: its span, and which trace the request is a part of."""

from __future__ import annotations

from contextvars import ContextVar, Token
from types import TracebackType

__all__ = ["RemoteCaller", "remote_caller"]


class RemoteCaller:
    """Carries a request's trace through the link to the engine, and back. Use it with ``with``.

    Args:
        trace_parent: the caller's span; empty if it does not trace.
    """

    __slots__ = ("_token", "answered_in", "trace_parent")

    def __init__(self, trace_parent: str) -> None:
        self.trace_parent = trace_parent
        #: The span that the caller's first span is a child of, once the engine knows it.
        self.answered_in = ""
        self._token: Token[RemoteCaller | None] | None = None

    def __enter__(self) -> RemoteCaller:
        """Make it the caller of the request that is answered now."""
        if self.trace_parent:
            self._token = _caller.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        """The request is answered."""
        if self._token is not None:
            _caller.reset(self._token)


_caller: ContextVar[RemoteCaller | None] = ContextVar("autoplay_caller", default=None)

remote_caller = _caller.get
"""Return the caller of the request that is answered now; None if it does not trace."""
