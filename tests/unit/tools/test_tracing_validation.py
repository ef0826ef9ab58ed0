"""``rasa-autoplay validate`` knows tracing: both files must switch it on, and its packages must be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation import tracing
from rasa_autoplay.tools.validation.findings import Findings


def warnings(folder: Path, engine: str, channel: str) -> list[str]:
    (folder / "autoplay.yml").write_text(f"product_id: demo\n{engine}", "utf-8")
    (folder / "credentials.yml").write_text(
        f"rasa_autoplay.channel.AutoplayInput:\n  identity: none\n{channel}", "utf-8"
    )
    findings = Findings()
    tracing.check_tracing(folder / "credentials.yml", YamlFile(folder / "autoplay.yml"), findings)
    assert findings.lines == []
    return findings.warnings


@pytest.mark.parametrize(
    ("engine", "channel", "missing_in"),
    [
        ("", "", ""),
        ("tracing: true\n", "  tracing: true\n", ""),
        ("tracing: true\n", "", "credentials.yml"),
        ("", "  tracing: true\n", "autoplay.yml"),
        ("tracing: true\n", "  tracing: false\n", "credentials.yml"),
    ],
)
def test_warns_of_half_a_trace(tmp_path: Path, engine: str, channel: str, missing_in: str) -> None:
    found = warnings(tmp_path, engine, channel)
    assert len(found) == bool(missing_in)
    assert all(f"is missing in {missing_in}, so traces lack" in text for text in found)


def test_warns_of_missing_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "has_open_telemetry", lambda: False)
    (text,) = warnings(tmp_path, "tracing: true\n", "  tracing: true\n")
    assert text.startswith("autoplay.yml:2: ")
    assert 'pip install "rasa-autoplay[tracing]"' in text
