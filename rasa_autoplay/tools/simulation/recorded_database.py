"""Reads the sessions that the engine has recorded in its database, for ``--recorded``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from pathlib import Path

from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore, prepare_nothing
from rasa_autoplay.engine.replay.recorded_rows import batch_of
from rasa_autoplay.errors import AutoplayError, UnusableRecording
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.durations import format_duration, parse_duration_s
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.remedy_lines import yaml_example
from rasa_autoplay.storage.database import resolve_sqlite_url
from rasa_autoplay.tools.simulation.recordings import Recordings, store_payload

__all__ = ["read_recorded"]

_PAGE = 5_000


def read_recorded(
    folder: Path,
    settings: EngineSettings,
    since: str | None,
    read: Callable[[int], object] = int,
    store: Callable[[ActionsPayload, str], object] | None = None,
) -> Recordings:
    """Read the recorded sessions of a product.

    Args:
        folder: the folder of ``autoplay.yml``.
        settings: ``autoplay.yml``.
        since: a duration before now, such as ``2d``; None for everything.
        read: called with the number of additional batches read.
        store: called with each batch and its source; the default adds it to the recordings.

    Raises:
        AutoplayError: the duration or the database cannot be used.
        UnusableRecording: nothing is recorded.
    """
    url = resolve_sqlite_url(folder, settings.database.url)
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not file.exists():
        raise _nothing_recorded(settings, f"There is no database {file} yet")
    begin = 0.0 if since is None else time.time() - _duration_s(since)
    recordings = Recordings([])
    keep = store or partial(store_payload, recordings)
    if not asyncio.run(_read(url, settings, begin, read, keep)):
        what = "No session is recorded"
        raise _nothing_recorded(settings, f"{what} in the last {since}" if since else what)
    recordings.moments.sort(key=itemgetter(0))
    return recordings


def _duration_s(text: str) -> float:
    try:
        return parse_duration_s(text)
    except ValueError as problem:
        raise AutoplayError(f"--since: {problem}.", remedy="Write a duration such as 2d or 6h.") from None


def _nothing_recorded(settings: EngineSettings, problem: str) -> UnusableRecording:
    if settings.recording is None:
        example = yaml_example("recording.keep", "7d")
        remedy = f"Recording is off. Add to autoplay.yml, restart the engine, and wait for users:\n{example}"
    else:
        keep = format_duration(settings.recording.keep)
        remedy = f"Recording is on and keeps {keep}. Use the app, or check that the engine reads this file."
    return UnusableRecording(f"{problem}.", remedy=remedy)


async def _read(
    url: str,
    settings: EngineSettings,
    begin: float,
    read: Callable[[int], object],
    keep: Callable[[ActionsPayload, str], object],
) -> bool:
    """Read all batches; returns whether one of them has an action."""
    store = SqlRecordingStore(url, settings.product_id, prepare_nothing)
    has_actions, after = False, (0.0, 0)
    try:
        has_table = await store.has_table()
        while has_table:
            page = await store.actions_since(begin, after, _PAGE)
            if page is None:
                break
            for _, _, data in page:
                payload, source = batch_of(data)
                has_actions |= bool(payload.actions)
                keep(payload, source)
            read(len(page))
            if len(page) < _PAGE:
                break
            after = page[-1][:2]
    finally:
        await store.close()
    if store.problem:
        raise AutoplayError(
            f"The database cannot be used: {store.problem}.", remedy="Check database.url in autoplay.yml."
        )
    return has_actions
