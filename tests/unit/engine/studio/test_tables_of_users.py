"""Export and deletion cover every table that names a user, also tables that somebody adds later."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.run import asynchronous
from support.user_tables import every_table

from rasa_autoplay.engine.stores import Stores
from rasa_autoplay.engine.studio.user_data import UserData

ANNA, BEN = "anna-marker-7c1d", "ben-marker-51fe"
TABLES = {table.name: table for table in every_table()}
#: They name no user. A receipt belongs to an offer.
WITHOUT_USER = {
    "autoplay_changes",
    "autoplay_gate_counts",
    "autoplay_outcome_targets",
    "autoplay_path_drafts",
    "autoplay_promotion_turns",
    "autoplay_shared_controls",
    "autoplay_step_findings",
}
OF_USERS = sorted(set(TABLES) - WITHOUT_USER)


def test_tables_are_found() -> None:
    assert {"autoplay_offers", "autoplay_chat_owners", "autoplay_consents"} <= set(TABLES)
    assert set(TABLES) >= WITHOUT_USER


@pytest.mark.parametrize("name", sorted(WITHOUT_USER))
def test_other_tables_have_no_column_for_a_user(name: str) -> None:
    assert not [column.name for column in TABLES[name].columns if "user" in column.name]


def _row(table: Any, user: str) -> dict[str, Any]:
    """A row of a user, with the user's id in each text that can hold it."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.autoincrement is True:
            continue
        if column.name == "product_id":
            row[column.name] = "demo"
        elif column.name == "user_id":
            row[column.name] = user
        elif column.name == "offer_id":
            row[column.name] = f"offer-of-{user}"
        elif isinstance(column.type, (sa.Float, sa.Integer)):
            row[column.name] = 1
        elif column.name in _JSON:
            row[column.name] = _JSON[column.name]
        else:
            row[column.name] = f"{user}-{column.name}"[: getattr(column.type, "length", None) or 99]
    return row


#: Columns that hold JSON, which the export reads.
_JSON = {
    "findings": "{}",
    "words": "[]",
    "proofs": "{}",
    "properties": "{}",
    "steps": "[]",
    "tours": "[]",
    "reply_options": "[]",
    "data": "[]",
    "body": "{}",
    "answer": "{}",
    "status": "accepted",
    "arm": "shown",
    "kind": "actions",
    "state": "waiting",
}


def files_with(folder: Path, marker: str) -> list[str]:
    return [file.name for file in folder.iterdir() if marker.encode() in file.read_bytes()]


async def _prepared(stores: Stores) -> UserData:
    """Create all tables."""
    data = UserData("demo", stores.user_tables(), stores.change_log, time.time, stores.consents.scrub)
    await data.is_known("nobody")
    return data


@asynchronous
async def test_deletion_removes_the_user_from_every_table_and_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    stores = Stores(url, "demo", "engine_1", time.time)
    try:
        data = await _prepared(stores)
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for name in OF_USERS:
                TABLES[name].create(connection, checkfirst=True)
                for user in (ANNA, BEN):
                    connection.execute(sa.insert(TABLES[name]).values(**_row(TABLES[name], user)))
        engine.dispose()
        deleted = await data.delete(ANNA, "the test")
        assert all(deleted.counts.values()), f"nothing was deleted of {deleted.counts}"
        assert files_with(tmp_path, ANNA) == []
        with sa.create_engine(url).connect() as connection:
            left = {
                name: connection.execute(sa.select(sa.func.count()).select_from(TABLES[name])).scalar()
                for name in OF_USERS
            }
        assert set(left.values()) == {1}, f"another user's rows: {left}"
    finally:
        await stores.close()


@asynchronous
async def test_export_has_a_list_for_every_table(tmp_path: Path) -> None:
    stores = Stores(f"sqlite:///{tmp_path / 'autoplay.db'}", "demo", "engine_1", time.time)
    try:
        exported = await (await _prepared(stores)).export(ANNA, "the test")
        lists = [name for name, rows in exported.items() if isinstance(rows, list)]
        # Two tables of freshness are exported as one list, "observations".
        assert len(lists) == len(OF_USERS) - 1, (lists, OF_USERS)
    finally:
        await stores.close()
