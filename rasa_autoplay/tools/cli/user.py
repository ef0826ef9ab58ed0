"""``rasa-autoplay user``: shows, exports or deletes the stored data of a user."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
    from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
    from rasa_autoplay.engine.session_owners import SessionOwnerStore

__all__ = ["add_arguments", "run"]

_ACTIONS: Mapping[str, str] = {
    "show": "what the engine remembers about the user",
    "export": "all stored sessions, offers and receipts of the user",
    "delete": "delete all of that",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "action", choices=list(_ACTIONS), help="; ".join(f"{name}: {text}" for name, text in _ACTIONS.items())
    )
    parser.add_argument("user_id", metavar="USER_ID", help="the user's id")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.epilog = (
        "Show and export print JSON. A running engine stores an active session again after you delete it, so "
        "delete a user's data when they have left."
    )


def run(arguments: argparse.Namespace) -> int:
    """Open the database that autoplay.yml names, and run the action."""
    print(asyncio.run(_answer(arguments.action, arguments.user_id, arguments.config)))
    return 0


async def _answer(action: str, user_id: str, config: Path | None) -> str:
    from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
    from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
    from rasa_autoplay.engine.session_owners import SessionOwnerStore
    from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.storage.database import resolve_sqlite_url

    file = YamlFile(config) if config else find_engine_file()
    settings = file.read(EngineSettings)
    url = resolve_sqlite_url(file.path.parent, settings.database.url)
    user = settings.product_id, user_id
    store, ledger = SqlMemoryStore(url), SqlOfferLedger(url)
    owners = SessionOwnerStore(url, settings.product_id, time.time)
    try:
        if action == "show":
            return _as_json(await _memory(store, user, file.path.parent, settings.golden_paths))
        if action == "export":
            return _as_json(await _export(store, ledger, owners, user))
        return await _delete(store, ledger, owners, user)
    finally:
        await store.close()
        await ledger.close()
        await owners.close()


def _as_json(answer: Any) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False)


async def _memory(
    store: SqlMemoryStore, user: tuple[str, str], folder: Path, golden_paths: str | None
) -> dict[str, Any]:
    from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
    from rasa_autoplay.engine.memory.memory_queries import MemoryQueries

    paths = load_golden_paths(folder / golden_paths) if golden_paths else []
    _works(await store.recall([user]), store.problem)
    return await MemoryQueries(user[0], paths, store).user_memory(*user)


async def _export(
    store: SqlMemoryStore, ledger: SqlOfferLedger, owners: SessionOwnerStore, user: tuple[str, str]
) -> dict[str, Any]:
    sessions = _works(await store.export(user), store.problem)
    offers = _works(await ledger.export(*user), ledger.problem)
    chats = _works(await owners.export(user[1]), owners.problem)
    return {"product_id": user[0], "user_id": user[1], "sessions": sessions, **offers, "chats": chats}


async def _delete(
    store: SqlMemoryStore, ledger: SqlOfferLedger, owners: SessionOwnerStore, user: tuple[str, str]
) -> str:
    sessions = _works(await store.forget(user), store.problem)
    offers, receipts = _works(await ledger.forget(*user), ledger.problem)
    _works(await owners.forget(user[1]), owners.problem)
    return f"Deleted {sessions} sessions, {offers} offers and {receipts} receipts of {user[1]!r}."


def _works(answer: Any, problem: str) -> Any:
    from rasa_autoplay.errors import AutoplayError

    if answer is None:
        raise AutoplayError(
            f"The database cannot be used: {problem}.", remedy="Check database.url in autoplay.yml."
        )
    return answer
