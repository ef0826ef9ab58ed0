"""Reads the recording of a product from the database, action by action."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from operator import itemgetter

import msgspec

from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = ["read_moments"]

_PAGE = 2_000


class _Source(msgspec.Struct):
    source: str = "stream"


_BATCHES = msgspec.json.Decoder(ActionsPayload)
_SOURCES = msgspec.json.Decoder(_Source)


async def read_moments(
    url: str, product_id: str, max_events: int, on_page: Callable[[], object] = int
) -> list[Moment]:
    """Return the newest recorded actions, in order of time.

    Args:
        url: the database.
        product_id: the product.
        max_events: at most this many.
        on_page: called after each page of rows.

    Raises:
        AutoplayError: the database cannot be read.
    """
    store = SqlRecordingStore(url, product_id)
    moments: list[Moment] = []
    try:
        after = (0.0, 0)
        while True:
            rows = await store.actions_since(0.0, after, _PAGE)
            if rows is None:
                raise AutoplayError(
                    "The recording cannot be read from the database.",
                    remedy="The engine's health names the reason.",
                )
            for _, _, data in rows:
                moments.extend(_moments(data))
            if len(rows) < _PAGE:
                break
            after = rows[-1][:2]
            on_page()
    finally:
        await store.close()
    moments.sort(key=itemgetter(0))
    return moments[-max_events:]


def _moments(data: str) -> Iterator[Moment]:
    try:
        batch, source = _BATCHES.decode(data), _SOURCES.decode(data).source
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    if not batch.actions:
        yield batch.forwarded_at, batch, source
    for position, action in enumerate(batch.actions):
        if math.isfinite(action.timestamp_start):
            yield action.timestamp_start, _alone(batch, action, position), source


def _alone(batch: ActionsPayload, action: SlimAction, position: int) -> ActionsPayload:
    """Return one action of a batch as a batch of its own."""
    return ActionsPayload(
        batch.product_id,
        batch.session_id,
        batch.user_id,
        batch.email,
        [action],
        forwarded_at=batch.forwarded_at,
        event_ids=batch.event_ids[position : position + 1],
        timezone=batch.timezone,
        language=batch.language,
        properties=batch.properties,
    )
