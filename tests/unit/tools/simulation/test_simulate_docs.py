"""The example in ``docs/simulate.md`` is the command's real output."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rasa_autoplay.tools.cli.main import main

DOCS = Path(__file__).parents[4] / "docs"
EXAMPLE = re.compile(r"```text\n\$ rasa-autoplay ([^\n]*)\n(.*?)```", re.DOTALL)


def test_documented_example_prints_the_shown_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(DOCS / "simulate")
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    example = EXAMPLE.search((DOCS / "simulate.md").read_text("utf-8"))
    assert example is not None
    assert main(example[1].split()) == 0
    assert capsys.readouterr().out == example[2], "copy the new output into docs/simulate.md"
