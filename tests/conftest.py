"""What all tests can use: real servers, of which a run starts as few as it can."""

from __future__ import annotations

from pathlib import Path

import pytest

# Before anything of it is imported: only then do its asserts explain themselves.
pytest.register_assert_rewrite("support")


@pytest.fixture(autouse=True)
def own_journal(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where gateways in the test's own process keep their journal: no other test may find what one leaves."""
    folder = tmp_path_factory.mktemp("journal")
    monkeypatch.setattr("rasa_autoplay.settings.channel.DEFAULT_JOURNAL_FOLDER", str(folder))
    return folder


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: some hold a time, or the order of a set, and differ between processes of a run."""
    return argname if isinstance(val, bytes) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what fuzzers recorded as the property ``fuzzer``, in whichever process they ran."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    lines = [
        f"{report.nodeid}: {value}"
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "fuzzer" and report.when == "call"
    ]
    if lines:
        terminalreporter.section("fuzzers")
        terminalreporter.write_line("\n".join(lines))


pytest_plugins = ["support.postgres", "support.redis_server", "support.servers"]
