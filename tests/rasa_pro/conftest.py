"""These tests need Rasa Pro, which is in the environments rasa-pro-3.14 and rasa-pro-3.21 only."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import pytest

try:
    version("rasa-pro")
except PackageNotFoundError:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder: Rasa Pro reads a project in the working directory."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
