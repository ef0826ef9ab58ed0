"""Discover finds the demo's own story in its made-up day, and tests it on users of whom it knows nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from example_bot.demo.configuration import copy_configuration
from example_bot.demo.day.people import USERS
from example_bot.demo.day.seed import seed_day
from rasa_autoplay.tools.cli.main import main

APP = "http://127.0.0.1:5005/webhooks/autoplay/demo"
#: A Wednesday evening.
END = datetime(2026, 11, 25, 19, 30).timestamp()


@pytest.mark.slow
def test_discover_proposes_bulk_edit_from_the_made_up_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = copy_configuration(tmp_path)
    asyncio.run(seed_day(config, APP, END, USERS))

    assert main(["discover", "--recorded", "--config", str(config)]) == 0

    shown = capsys.readouterr().out
    assert 'Users do "Save changes"' in shown
    evidence = next(each for each in _evidence(tmp_path / "proposals") if each["kind"] == "repetition")
    assert evidence["found"]["fast_way"]["acts"] == [
        "Click Table options",
        "Click Bulk edit",
        "Click Select …",
        "Change Priority",
        "Click Apply to *",
    ]
    test = evidence["backtest"]
    assert test["by_users"]
    assert test["fires"] >= 10
    assert test["recordings"]["users"] + evidence["found"]["recordings"]["users"] == USERS


def _evidence(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*/evidence.json"))]
