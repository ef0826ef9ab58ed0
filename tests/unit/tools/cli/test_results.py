"""``rasa-autoplay results`` on the example of the documentation."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from support.example_results import make_example
from support.processes import ROOT

from rasa_autoplay.tools.cli.main import main

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=timezone.utc).timestamp()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_example(tmp_path_factory.mktemp("results") / "example")


@pytest.fixture(autouse=True)
def _in_example(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(example)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    monkeypatch.setattr(time, "time", lambda: NOW)


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["results", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_says_in_one_sentence_whether_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["results", "--trigger", "bulk_edit_opportunity"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert 'of the users with the toast finished "Bulk edit"' in text
    assert "does it help Yes: " in text
    assert "user_page_dwell" not in text
    assert "All triggers together" not in text


def test_json_has_the_comparison_with_its_interval(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys)
    first, second = found["triggers"]
    assert (first["trigger_id"], first["verdict"]) == ("bulk_edit_opportunity", "helps")
    goal = first["comparison"]["goal"]
    assert goal["low"] < 0.05 < goal["high"]
    assert goal["treated"]["users"] + goal["control"]["users"] == pytest.approx(3_800, abs=100)
    assert first["comparison"]["sample_ratio"]["alarm"] is False
    assert (second["trigger_id"], second["verdict"]) == ("user_page_dwell", "unclear")
    assert second["comparison"]["more_users"] > 0
    assert found["overall"]["against"] == "overall"


def test_a_duration_limits_the_counts_and_a_date_the_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    everything = _json(capsys)["triggers"][0]["comparison"]["goal"]
    assert _json(capsys, "--since", "30d")["triggers"][0]["comparison"]["goal"] == everything
    october = _json(capsys, "--since", "2026-10-01")["triggers"][0]["comparison"]
    assert october["goal"]["treated"]["users"] < everything["treated"]["users"]
    assert october["since"] >= datetime(2026, 10, 1, tzinfo=timezone.utc).timestamp()


def test_users_in_their_week_are_still_running(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: datetime(2026, 11, 2, tzinfo=timezone.utc).timestamp())
    assert main(["results"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Still running: " in text
    assert "users have not had their 7d yet. They are not counted." in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "30"], "--since: '30' is neither a duration such as \"30d\" nor a date"),
        (["--since", "2026-13-01"], "is neither a duration"),
        (["--trigger", "bulk_edit"], "There is no trigger 'bulk_edit'"),
        (["--variant", "b"], "There are no results of a variant 'b'. Variants: none."),
        (["--config", "missing.yml"], "missing.yml"),
        (["--html", "missing/page.html"], "missing/page.html: cannot be written"),
    ],
)
def test_bad_arguments_get_a_clear_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_documentation_shows_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.search(
        r"```text\n\$ rasa-autoplay ([^\n]*)\n(.*?)```",
        (ROOT / "docs/does-it-help.md").read_text("utf-8"),
        re.DOTALL,
    )
    assert shown is not None
    assert main(shown[1].split()) == 0
    assert capsys.readouterr().out == shown[2], "copy the new output into docs/does-it-help.md"


def test_page_loads_nothing_and_says_the_same(example: Path) -> None:
    assert main(["results", "--html", "results.html"]) == 0
    page = (example / "results.html").read_text("utf-8")
    assert "It helps" in page
    assert "of the users with the toast finished &#34;Bulk edit&#34;" in page
    assert page.count('<svg class="plot"') == 3
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=|https?://|url\(", page) == []


def test_json_and_html_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["results", "--json", "--html", "page.html"])
    assert "not allowed with" in capsys.readouterr().err


def test_without_a_database_it_names_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "autoplay.yml").write_text("product_id: demo\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["results"]) == 1
    error = capsys.readouterr().err
    assert "There is no database" in error
    assert "Check database.url in autoplay.yml." in error
    assert list(tmp_path.glob("*.db")) == []


def test_without_explored_gates_it_says_how_to_explore(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["results", "--gates"]) == 0
    assert "no gate is explored" in capsys.readouterr().out


def test_simulated_users_answer_as_often_as_measured(
    example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = str(ROOT / "docs" / "simulate" / "monday.jsonl")
    assert main(["simulate", recording, "--answers", "measured", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)["assumptions"]["measured"]
    found = _json(capsys)["triggers"]
    for trigger in found:
        funnel, shares = trigger["funnel"], measured[trigger["trigger_id"]]
        assert shares["accept"] == pytest.approx(funnel["accepted"] / funnel["rendered"])
        assert shares["never"] == pytest.approx(funnel["never"] / funnel["rendered"])


def test_simulation_names_triggers_that_were_never_shown(
    tmp_path: Path, example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "autoplay.yml"
    other.write_text(
        f"product_id: demo\ndatabase: {{url: 'sqlite:///{example / 'example.db'}'}}\n"
        "triggers:\n  - {builtin: user_page_dwell, dwell: 90s}\n  - {builtin: canonical_url_ping_pong}\n",
        "utf-8",
    )
    recording = str(ROOT / "docs" / "simulate" / "monday.jsonl")
    assert main(["simulate", recording, "--config", str(other), "--answers", "measured"]) == 0
    assert "Never shown, so its toasts are ignored: canonical_url_ping_pong." in capsys.readouterr().err


def test_simulation_refuses_unknown_answers(capsys: pytest.CaptureFixture[str]) -> None:
    recording = str(ROOT / "docs" / "simulate" / "monday.jsonl")
    assert main(["simulate", recording, "--answers", "accept=130%"]) == 1
    assert "--answers: '130%' is more than all users" in capsys.readouterr().err
