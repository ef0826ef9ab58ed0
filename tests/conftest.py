"""Shared fixtures: real servers, as few per run as possible."""

from __future__ import annotations

from pathlib import Path

import pytest

# Registered before the first import, so that pytest rewrites the asserts in these modules.
pytest.register_assert_rewrite("support")


@pytest.fixture(autouse=True)
def own_journal(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give in-process gateways a journal of their own, so that no test finds another test's events."""
    folder = tmp_path_factory.mktemp("journal")
    monkeypatch.setattr("rasa_autoplay.settings.journal.DEFAULT_JOURNAL_FOLDER", str(folder))
    return folder


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keep bytes out of test ids: some hold a time or a set's order, and differ between xdist workers."""
    return argname if isinstance(val, bytes) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded as the properties ``fuzzer`` and ``latencies``, from every worker."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    for wanted in ("fuzzer", "latencies"):
        lines = [
            f"{report.nodeid}: {value}"
            for report in reports
            for name, value in getattr(report, "user_properties", ())
            if name == wanted and report.when == "call"
        ]
        if lines:
            terminalreporter.section(wanted)
            terminalreporter.write_line("\n".join(lines))


pytest_plugins = ["support.postgres", "support.redis_server", "support.servers", "support.without_rasa"]
