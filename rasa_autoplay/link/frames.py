"""The frames that the engine sends to gateways, for the feeds of users."""

from __future__ import annotations

import msgspec

__all__ = ["FeedFrame", "StreamOpened", "trace_notice", "withdrawal"]


class StreamOpened(msgspec.Struct, tag="stream_opened", omit_defaults=True):
    """The first frame of a stream; the gateway answers it with its open feeds.

    Args:
        engine_id: the engine's id.
        partitions: if not empty, the engine needs only the feeds of these partitions' users.
    """

    engine_id: str
    partitions: list[int] = []


_WITHDRAWN = "withdrawn"


_TRACED = "traced"


class FeedFrame(msgspec.Struct, tag="feed", omit_defaults=True):
    """One event for a user's feeds, or the withdrawal of an earlier one, which no browser sees.

    Args:
        user_id: the user.
        event: the SSE event name.
        id: the SSE id, which is the offer's id.
        data: the SSE data, which is JSON text.
        feed_ids: the connections to send to; empty for all of the user's.
        expires_in_s: how many seconds the offer stays open. A queue subtracts the time that the frame waited,
            so that no clocks have to agree. None for data that does not expire.
        trace_parent: the engine's span, as W3C's ``traceparent``; empty if it is not traced.
        caused_at: ``arrived_at`` of the event that caused it, if that came from the same gateway; else 0.
    """

    user_id: str
    event: str
    id: str
    data: str
    feed_ids: list[str] = []
    expires_in_s: float | None = None
    trace_parent: str = ""
    caused_at: float = 0.0

    @property
    def is_trace_notice(self) -> bool:
        """Whether this only tells the gateway that something came of an action that it has traced."""
        return self.event == _TRACED

    @property
    def is_withdrawal(self) -> bool:
        """Whether this takes back the frame with the same id, wherever that waits."""
        return self.event == _WITHDRAWN

    def after_waiting(self, waited_s: float) -> FeedFrame | None:
        """Return the frame after it has waited for this time; None if it has expired."""
        if self.expires_in_s is None:
            return self
        left_s = self.expires_in_s - waited_s
        return msgspec.structs.replace(self, expires_in_s=left_s) if left_s > 0 else None

    def sse_data(self) -> str:
        """Return the data for the browser, with the remaining time."""
        if self.expires_in_s is None:
            return self.data
        data = {**msgspec.json.decode(self.data), "expires_in_s": round(self.expires_in_s, 3)}
        return msgspec.json.encode(data).decode()


def withdrawal(user_id: str, offer_id: str) -> FeedFrame:
    """Return a frame that takes back an offer that has not reached a browser."""
    return FeedFrame(user_id, _WITHDRAWN, offer_id, "{}")


def trace_notice(user_id: str, trace_parent: str) -> FeedFrame:
    """Return a frame that asks a gateway to record its spans of a trace, because an offer came of it."""
    return FeedFrame(user_id, _TRACED, "", "{}", trace_parent=trace_parent)
