"""The simulation opens gates by chance as the engine does: by the same hash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.processes import ROOT

from rasa_autoplay.tools.cli.main import main

EXAMPLES = ROOT / "docs" / "simulate"


def gates_closed(folder: Path, salt: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Replay the example, in which min_interval stops a second offer to one user."""
    text = (EXAMPLES / "proposal.yml").read_text("utf-8")
    text = text.replace("courtesy: {min_interval: 10m}", "courtesy: {min_interval: 10m, explore: 100%}")
    (folder / "autoplay.yml").write_text(f"{text}holdout: {{share: 0%, salt: {salt}}}\n", "utf-8")
    recording, file = str(EXAMPLES / "monday.jsonl"), str(folder / "autoplay.yml")
    assert main(["simulate", recording, "--config", file, "--json"]) == 0
    suppressed = json.loads(capsys.readouterr().out)["suppressed"]
    return [each["detail"].partition(":")[0] for each in suppressed if each["gate"] == "min_interval"]


def test_same_salt_always_has_the_same_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = {salt: gates_closed(tmp_path, salt, capsys) for salt in "abcd"}
    assert {tuple(result) for result in results.values()} == {(), ("kept closed by chance",)}
    assert gates_closed(tmp_path, "a", capsys) == results["a"]
