"""``rasa-autoplay posthog-destination`` prints a source with the user's URL and secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hog import fetched

from rasa_autoplay.tools.cli.main import main

URL = "https://bot.example.com"
EVENT = {"uuid": "u", "event": "$pageview", "properties": {"$session_id": "s"}}
SECTION = "rasa_autoplay.channel.AutoplayInput:\n  product_id: demo\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSTHOG_SECRET", "from-the-environment")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["posthog-destination", "--url", URL, *arguments]) == 0
    url, options = fetched(capsys.readouterr().out, EVENT, None)
    assert url == f"{URL}/webhooks/autoplay/posthog"
    return str(options["headers"]["x-posthog-secret"])


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["posthog-destination", "--url", URL, *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_uses_the_given_secret(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--secret", "it's") == "it's"


def test_uses_the_secret_of_the_credentials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = "  token: ${NOT_SET_HERE}\n"
    (tmp_path / "credentials.yml").write_text(f"{SECTION}{other}  posthog_secret: ${{POSTHOG_SECRET}}\n")
    assert printed(capsys) == "from-the-environment"
    (tmp_path / "other.yml").write_text(f"{SECTION}  posthog_secret: plain\n")
    assert printed(capsys, "--credentials", "other.yml") == "plain"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SECTION, "credentials.yml:1: rasa_autoplay.channel.AutoplayInput has no posthog_secret"),
        (f"{SECTION}  posthog_secret:\n", "credentials.yml:3"),
        ("socketio:\n", "--secret"),
        (f"{SECTION}  posthog_secret: 12345\n", "put it in quotes"),
        (f"{SECTION}  posthog_secret: ${{NOT_SET_HERE}}\n", "NOT_SET_HERE is not set"),
        (f"{SECTION}  posthog_secret: smörgås\n", "header"),
    ],
)
def test_reports_faulty_credentials(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, words: str
) -> None:
    (tmp_path / "credentials.yml").write_text(content, encoding="utf-8")
    text = refusal(capsys)
    assert words in text
    assert "smörgås" not in text


def test_reports_missing_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    assert "credentials.yml: cannot be read" in refusal(capsys)


def test_rejects_an_invalid_url(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["posthog-destination", "--url", "bot.example.com", "--secret", "x"]) == 1
    assert "https://bot.example.com" in capsys.readouterr().err


def test_warns_on_stderr_without_tls(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["posthog-destination", "--url", "http://127.0.0.1:5005", "--secret", "x"]) == 0
    out, err = capsys.readouterr()
    assert fetched(out, EVENT, None)[0] == "http://127.0.0.1:5005/webhooks/autoplay/posthog"
    assert "http://" in err
