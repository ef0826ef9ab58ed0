"""``rasa-autoplay user``: shows, exports or deletes the stored data of a user."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
    from rasa_autoplay.engine.studio.user_data import UserData
    from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["add_arguments", "run"]

_ACTIONS: Mapping[str, str] = {
    "show": "what the engine remembers about the user",
    "export": "all that is stored about the user",
    "delete": "delete all of that",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "action", choices=list(_ACTIONS), help="; ".join(f"{name}: {text}" for name, text in _ACTIONS.items())
    )
    parser.add_argument("user_id", metavar="USER_ID", help="the user's id")
    parser.add_argument("--by", metavar="NAME", help="who does it (default: the name of your account)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.epilog = (
        "Show and export print JSON. If nothing is stored about the user, the exit status is 1. "
        "`rasa-autoplay changes` lists who exported and deleted what. A running engine stores an active "
        "session again after you delete it here: if the user is using the app, delete the data in the studio."
    )


def run(arguments: argparse.Namespace) -> int:
    """Open the database that autoplay.yml names, and run the action."""
    print(asyncio.run(_answer(arguments)))
    return 0


async def _answer(arguments: argparse.Namespace) -> str:
    from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.storage.database import resolve_sqlite_url

    file = YamlFile(arguments.config) if arguments.config else find_engine_file()
    settings, folder = file.read(EngineSettings), file.path.parent
    url = resolve_sqlite_url(folder, settings.database.url)
    if arguments.action == "show":
        return await _show(url, arguments.user_id, settings, folder)
    async with _user_data(url, settings.product_id) as data:
        return await _export_or_delete(data, arguments, settings.product_id)


def _as_json(answer: Any) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False)


def _unknown(user_id: str, product_id: str) -> AutoplayError:
    return AutoplayError(
        f"Nothing is stored about a user {user_id[:64]!r} of {product_id!r}.",
        remedy="The id must be exactly the one that your page passes. What a user does is stored when the "
        "session ends; `rasa-autoplay tail --user ID` shows it at once.",
    )


async def _show(url: str, user_id: str, settings: EngineSettings, folder: Path) -> str:
    from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore

    store = SqlMemoryStore(url)
    try:
        memory = await _memory(store, user_id, folder, settings)
    finally:
        await store.close()
    async with _user_data(url, settings.product_id) as data:
        if not await data.is_known(user_id):
            raise _unknown(user_id, settings.product_id)
    return _as_json(memory)


async def _memory(
    store: SqlMemoryStore, user_id: str, folder: Path, settings: EngineSettings
) -> dict[str, Any]:
    from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
    from rasa_autoplay.engine.memory.memory_queries import MemoryQueries

    named, user = settings.golden_paths, (settings.product_id, user_id)
    paths = load_golden_paths(folder / named, settings.language) if named else []
    if await store.recall([user]) is None:
        raise AutoplayError(
            f"The database cannot be used: {store.problem}.", remedy="Check database.url in autoplay.yml."
        )
    return await MemoryQueries(user[0], paths, store).user_memory(*user)


@asynccontextmanager
async def _user_data(url: str, product_id: str) -> AsyncIterator[UserData]:
    """Open all stores with data of users."""
    from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
    from rasa_autoplay.engine.consent.sql.store import SqlConsentStore
    from rasa_autoplay.engine.external_offers.sql.store import SqlRequestStore
    from rasa_autoplay.engine.freshness.sql.store import SqlFreshnessStore
    from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
    from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
    from rasa_autoplay.engine.outcomes.sql.outbox import SqlOutbox
    from rasa_autoplay.engine.outcomes.sql.schema import prepare_nothing
    from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore
    from rasa_autoplay.engine.session_owners import SessionOwnerStore
    from rasa_autoplay.engine.studio.user_data import UserData, user_tables
    from rasa_autoplay.engine.tips.sql.store import SqlChoiceStore

    stores = (
        SqlMemoryStore(url),
        SqlOfferLedger(url),
        SessionOwnerStore(url, product_id, time.time),
        SqlRecordingStore(url, product_id),
        SqlFreshnessStore(url, product_id),
        SqlOutbox(url, product_id, time.time, prepare=prepare_nothing),
        SqlRequestStore(url, product_id),
        SqlChoiceStore(url, product_id),
        SqlConsentStore(url, product_id),
    )
    log = SqlChangeLog(url)
    try:
        yield UserData(product_id, user_tables(*stores), log, time.time, log.scrub)
    finally:
        for each in (*stores, log):
            await each.close()


async def _export_or_delete(data: UserData, arguments: argparse.Namespace, product_id: str) -> str:
    from rasa_autoplay.tools.cli.project_changes import account_name

    user_id, by = arguments.user_id, arguments.by or account_name()
    if not await data.is_known(user_id):
        raise _unknown(user_id, product_id)
    if arguments.action == "export":
        return _as_json(await data.export(user_id, by))
    deleted = await data.delete(user_id, by)
    return f"Deleted {deleted.describe()} of {user_id!r}."
