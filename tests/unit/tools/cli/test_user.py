"""``rasa-autoplay user`` shows, exports and deletes what the engine stores about one user."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.visits import CHECKED, comes, leaves, parts

from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.studio.user_data import user_fingerprint
from rasa_autoplay.tools.cli.main import main

CONFIG = """
product_id: demo
golden_paths: paths
database: {url: "sqlite:///data/autoplay.db"}
"""
PATH = """
id: export
title: Export a report
steps:
  - {id: menu, title: Menu, text: Open it., done_when: {element_id: menu}}
  - {id: format, title: Format, text: Choose one., done_when: {element_id: format}}
  - {id: download, title: Download, text: Press it., done_when: {element_id: download}}
  - {id: check, title: Check it, text: Look at it., done_when: {element_id: check}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which u1 and u2 have each left a workflow unfinished and got an offer."""
    folder = tmp_path / "project"
    for name, text in (("autoplay.yml", CONFIG), ("paths/export.yml", PATH)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (folder / "data").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    asyncio.run(_visits(tmp_path, f"sqlite:///{folder / 'data' / 'autoplay.db'}"))
    return folder


async def _visits(folder: Path, url: str) -> None:
    store, ledger = SqlMemoryStore(url), SqlOfferLedger(url)
    async with parts(folder, store, "  - {builtin: skipped_step}\n", CHECKED) as made:
        made.open_offers._ledger = ledger
        for user in ("u1", "u2"):
            await comes(made, 0, "menu", "download", session=f"of {user}", user=user)
            offer = made.open_offer(user)
            await ledger.record_receipt(offer.offer_id, "seen", made.clock())
        await leaves(made)
    await store.close()
    await ledger.close()


def _said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["user", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_shows_the_memory(capsys: pytest.CaptureFixture[str]) -> None:
    memory = json.loads(_said(capsys, "show", "u1"))
    assert memory["knowledge_state"]["in_progress"] == {
        "export": {"attempts": 1, "last_issue": "missed step: format", "best_completion_pct": 50.0}
    }
    assert memory["journey_completion"]["total_known_workflows"] == 1


@pytest.mark.usefixtures("project")
def test_exports_everything_of_exactly_one_user(capsys: pytest.CaptureFixture[str]) -> None:
    text = _said(capsys, "export", "u1")
    export: dict[str, Any] = json.loads(text)
    assert [(s["session_id"], s["findings"][0]["done"]) for s in export["sessions"]] == [
        ("of u1", ["menu", "download"])
    ]
    (offer,) = export["offers"]
    assert (offer["arm"], offer["variant"], offer["show_probability"]) == ("shown", "", 1.0)
    assert offer["trigger_id"] == "skipped_step"
    assert {(r["offer_id"], r["event"]) for r in export["receipts"]} >= {(offer["offer_id"], "seen")}
    # As a separate word: an offer's id is random, and may contain it.
    assert not re.search(r"(?<![\w-])u2(?![\w-])", text)


def test_deletes_everything_of_exactly_one_user(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = _said(capsys, "export", "u2")
    monkeypatch.chdir("/")
    config = ("--config", str(project / "autoplay.yml"))
    assert _said(capsys, "delete", "u1", *config).startswith("Deleted 1 sessions, 1 offers, ")
    assert _said(capsys, "export", "u2", *config) == hers
    for action in ("export", "delete", "show"):
        assert main(["user", action, "u1", *config]) == 1, "nothing is left"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("action", ["show", "export", "delete"])
def test_says_that_a_user_is_unknown(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", action, "U1"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Nothing is stored about a user 'U1' of 'demo'.")
    assert "u1" not in told.err, "ids of other users"
    assert main(["changes"]) == 0
    assert "Nothing has changed" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_lists_exports_and_deletions_without_the_id(capsys: pytest.CaptureFixture[str]) -> None:
    _said(capsys, "export", "u1", "--by", "Ann")
    _said(capsys, "delete", "u1", "--by", "Ben")
    assert main(["changes"]) == 0
    exported, deleted = capsys.readouterr().out.splitlines()
    user = f"the data of user {user_fingerprint('demo', 'u1')}: 1 sessions, 1 offers, "
    assert f"Ann exported {user}" in exported
    assert f"Ben deleted {user}" in deleted
    assert "u1" not in exported.replace(user_fingerprint("demo", "u1"), "")


@pytest.mark.parametrize("action", ["show", "export", "delete"])
def test_reports_an_unreachable_database_with_a_remedy(
    project: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = project / "autoplay.yml"
    config.write_text(CONFIG.replace("data/", "no/such/"), "utf-8")
    assert main(["user", action, "u1"]) == 1
    told = capsys.readouterr().err
    assert "unable to open the database file" in told
    assert "database.url" in told
