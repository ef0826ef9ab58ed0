"""The page about outcomes: its examples, its schema, and its receiver."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from aiohttp import web
from support.documentation import blocks
from support.outcomes import SECRET, an_offer
from support.processes import ROOT
from support.run import asynchronous

from rasa_autoplay.engine.offers.base import Receipt
from rasa_autoplay.engine.offers.sql.ledger import _to_row
from rasa_autoplay.engine.outcomes.base import Claimed
from rasa_autoplay.engine.outcomes.delivery.standard_webhooks import read_secrets
from rasa_autoplay.engine.outcomes.delivery.webhook import WebhookTarget
from rasa_autoplay.engine.outcomes.derived import RECEIPTS, of_receipt, of_saved_offer
from rasa_autoplay.engine.outcomes.outcome import Outcome
from rasa_autoplay.events.outcome_types import OutcomeType

PAGE = ROOT / "docs" / "outcomes.md"
SCHEMA = json.loads((ROOT / "docs" / "outcome.schema.json").read_text("utf-8"))
RECEIVER = ROOT / "docs" / "outcomes" / "receiver.py"


def _examples() -> list[dict[str, Any]]:
    parsed = [json.loads(each.text) for each in blocks("json") if each.page == PAGE]
    return next(each for each in parsed if isinstance(each, list))


def _made() -> list[Outcome]:
    """Return outcomes as the engine makes them, one of each type or more."""
    row, found = _to_row(an_offer(at=1_700_000_000.0)), []
    found += of_saved_offer(None, row, 0.0)
    found += of_saved_offer(None, {**row, "status": "withheld", "arm": "control"}, 0.0)
    before = {"status": "queued", "rendered_at": 0.0, "seen_at": 0.0}
    for end in ("timed_out", "dismissed", "snoozed", "never", "expired"):
        after = {**row, "status": end, "rendered_at": row["created_at"], "seen_at": row["created_at"]}
        found += of_saved_offer(before, after, 1_700_000_009.0)
    for event in RECEIPTS:
        outcome = of_receipt(Receipt(row["offer_id"], event, 1_700_000_020.0, "detail"), 0, row)
        assert outcome is not None
        found.append(outcome)
    return found


def test_has_a_valid_example_of_each_type() -> None:
    assert [each["type"] for each in _examples()] == [each.value for each in OutcomeType]
    for example in _examples():
        jsonschema.validate(example, SCHEMA)


def test_schema_describes_what_is_sent() -> None:
    sent = [json.loads(outcome.encode()) for outcome in _made()]
    assert {each["type"] for each in sent} == {each.value for each in OutcomeType}
    for outcome in sent:
        jsonschema.validate(outcome, SCHEMA)
    for wrong in ({**sent[0], "type": "offer.eaten"}, {**sent[0], "version": "2"}, {"id": "msg_1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMA)


def test_schema_is_the_one_that_the_command_prints() -> None:
    command = [sys.executable, "-m", "rasa_autoplay.tools.cli", "schema", "outcome"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert json.loads(printed) == SCHEMA


def test_page_shows_the_receiver_that_is_tested() -> None:
    assert RECEIVER.read_text("utf-8").rstrip() in PAGE.read_text("utf-8")


def _receiver() -> ModuleType:
    spec = importlib.util.spec_from_file_location("documented_receiver", RECEIVER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynchronous
async def test_documented_receiver_accepts_outcomes_and_rejects_forgeries(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOPLAY_OUTCOMES_SECRET", SECRET)
    receiver = _receiver()
    runner = web.AppRunner(receiver.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/autoplay"
    other = f"whsec_{'A' * 43}="
    outcome = _made()[0]
    claimed = Claimed(1, outcome.id, outcome.encode())
    targets = [WebhookTarget(url, read_secrets(secret), time.time) for secret in (SECRET, SECRET, other)]
    try:
        results = [(await target.send([claimed]))[0].problem for target in targets]
    finally:
        for target in targets:
            await target.close()
        await runner.cleanup()
    assert results == ["", "", "it answers 401"]
    assert caplog.text.count("offer.made") == 1, "a repetition is recognised"
