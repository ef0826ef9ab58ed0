"""Checks for paused triggers, and that the running engines know of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rasa_autoplay.common.checks import Observation, Problem, error, not_seen, seen, warning
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["pauses", "pauses_in_force", "saw_pauses", "saw_pauses_in_force"]

_WAIT_S = 3.0
_NO_DATABASE = (
    "the engine's database cannot be read here",
    "run this where the engine runs, with the variables of database.url; the engine creates an SQLite file",
)


def pauses(project: Project) -> Iterator[Problem]:
    """No trigger is paused."""
    for pause in (_stored_pauses(project) or {}).values():
        yield warning(pause.describe(), f"rasa-autoplay resume {_words(pause.trigger_id)}")


def pauses_in_force(running: Running) -> Iterator[Problem]:
    """Each running engine has the pauses that are in the database of this project."""
    stored = _stored_pauses(running.project)
    if stored is None:
        return
    for name, engine in running.engines.items():
        if "pauses" not in engine:
            continue  # it is of an earlier version, or it does not run
        known = {str(each.get("trigger_id")) for each in engine["pauses"] or ()}
        owner = f"the engine {name}" if name else "the running engine"
        for trigger_id in sorted(stored.keys() - known):
            yield error(
                f"{owner} does not know the pause of {_title(trigger_id)}",
                "let it and this folder use the same database.url and product_id, and see its log",
            )
        for trigger_id in sorted(known - stored.keys()):
            yield warning(
                f"{owner} has paused {_title(trigger_id)}, which the database of this folder does not say",
                "run `rasa-autoplay changes` where its autoplay.yml is",
            )


def saw_pauses(project: Project) -> Iterator[Observation]:
    """The database could be read."""
    if _stored_pauses(project) is None:
        yield not_seen(*_NO_DATABASE)
    else:
        yield seen("the database says that no trigger is paused")


def saw_pauses_in_force(running: Running) -> Iterator[Observation]:
    """The pauses of the database and those of the engines were compared."""
    if _stored_pauses(running.project) is None:
        yield not_seen(*_NO_DATABASE)
    elif not all("pauses" in engine for engine in running.engines.values()):
        yield not_seen("an engine does not say which triggers are paused", "run this when all engines run")
    else:
        yield seen("the engines know the pauses that are in the database")


def _stored_pauses(project: Project) -> Mapping[str, Any] | None:
    """Return the pauses in the engine's database; None if it cannot be read. Nothing is created."""
    from rasa_autoplay.storage.database import resolve_sqlite_url

    product_id = project.expanded(str(project.engine.get("product_id") or ""))
    url = project.expanded(str(project.database.get("url") or "sqlite:///autoplay.db"))
    url = resolve_sqlite_url(project.folder, url)
    if url.startswith("sqlite:") and not Path(url.partition(":///")[2]).is_file():
        return None
    return asyncio.run(_read(url, product_id))


async def _read(url: str, product_id: str) -> Mapping[str, Any] | None:
    import sqlalchemy as sa

    from rasa_autoplay.engine.changes.pauses import pauses_after
    from rasa_autoplay.engine.changes.sql.schema import changes
    from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
    from rasa_autoplay.errors import ConfigError

    try:
        log = SqlChangeLog(url, _WAIT_S, prepare=lambda _connection: None)
    except ConfigError:
        return None  # the check "files" reports it
    try:
        if not await log.run(lambda connection: sa.inspect(connection).has_table(changes.name), False):
            return None
        found = await log.pauses(product_id)
    finally:
        await log.close()
    return None if found is None else pauses_after(found.changes or ())


def _words(trigger_id: str) -> str:
    return trigger_id or "--all"


def _title(trigger_id: str) -> str:
    return trigger_id or "all triggers"
