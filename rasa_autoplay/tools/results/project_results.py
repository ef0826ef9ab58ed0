"""Reads the results of a project from the database that its ``autoplay.yml`` names."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.freshness.entry import in_force_after
from rasa_autoplay.engine.freshness.sql.store import SqlFreshnessStore
from rasa_autoplay.engine.freshness.suspect_steps import SuspectSteps, withheld_tours
from rasa_autoplay.engine.recording.sql.store import prepare_nothing
from rasa_autoplay.engine.results.query import ResultsQuery
from rasa_autoplay.engine.results.results import Results
from rasa_autoplay.engine.results.since import EVER, Since
from rasa_autoplay.engine.results.sql.reader import ResultsReader
from rasa_autoplay.engine.results.trigger_goals import goals_of
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.yaml_file import nearest_name
from rasa_autoplay.storage.database import resolve_sqlite_url

__all__ = ["only_variant", "read_results", "read_withheld_tours"]


def read_results(
    configuration: Configuration, now: float, since: Since = EVER, trigger_id: str = ""
) -> Results:
    """Read the results.

    Args:
        configuration: names the database.
        now: epoch seconds.
        since: the beginning of the period.
        trigger_id: only this trigger; empty for all.

    Raises:
        AutoplayError: there is no database, it cannot be used, or there is no such trigger.
    """
    settings = configuration.settings
    url = resolve_sqlite_url(Path(configuration.name).parent, settings.database.url)
    _check_database(url)
    goals = goals_of(configuration.triggers, configuration.paths)
    query = ResultsQuery(now, since.counts, since.comparisons, trigger_id, goals)
    results = asyncio.run(_read(url, settings.product_id, query))
    _check_trigger([trigger.id for trigger in configuration.triggers], trigger_id, results)
    return results


def read_withheld_tours(configuration: Configuration) -> list[dict[str, Any]]:
    """Return the suspect steps because of which tours are withheld now; empty if none are known."""
    settings = configuration.settings
    url = resolve_sqlite_url(Path(configuration.name).parent, settings.database.url)

    async def read() -> list[dict[str, Any]]:
        store = SqlFreshnessStore(url, settings.product_id, prepare_nothing)
        try:
            found = await store.entries() if await store.has_tables() else None
        finally:
            await store.close()
        suspects = SuspectSteps()
        suspects.know(in_force_after((found and found.entries) or ()).suspects)
        return withheld_tours(configuration.paths, suspects)

    return asyncio.run(read())


def only_variant(results: Results, variant: str) -> Results:
    """Return the results of one variant.

    Raises:
        AutoplayError: no trigger has such a variant.
    """
    known = sorted({result.variant for result in results.triggers if result.variant})
    if variant not in known:
        raise AutoplayError(
            f"There are no results of a variant {variant!r}{nearest_name(variant, known) or '.'}",
            remedy=f"Variants: {', '.join(known) or 'none'}.",
        )
    chosen = [result for result in results.triggers if result.variant == variant]
    return msgspec.structs.replace(results, triggers=chosen, overall=None)


async def _read(url: str, product_id: str, query: ResultsQuery) -> Results:
    reader = ResultsReader(url, product_id)
    try:
        results = await reader.read(query)
    finally:
        await reader.close()
    if results is None:
        raise AutoplayError(
            f"The database cannot be used: {reader.problem}.", remedy="Check database.url in autoplay.yml."
        )
    return results


def _check_database(url: str) -> None:
    """Raise an error if there is no file, which SQLite would create."""
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not file.exists():
        raise AutoplayError(
            f"There is no database {file} yet.",
            remedy="The engine creates it. Check database.url in autoplay.yml.",
        )


def _check_trigger(known: list[str], trigger_id: str, results: Results) -> None:
    if trigger_id and trigger_id not in known and not results.triggers:
        hint = nearest_name(trigger_id, known) or "."
        raise AutoplayError(
            f"There is no trigger {trigger_id!r}{hint}", remedy=f"Triggers: {', '.join(known) or 'none'}."
        )
