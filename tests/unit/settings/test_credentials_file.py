"""credentials.yml as the rasa command finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import read_channel_settings
from rasa_autoplay.settings.credentials_file import OUR_CHAT, find_credentials_file, reject_two_chat_channels

TEXT = """\
# channels
rasa_autoplay.channel.AutoplayInput:
  product_id: demo
  identity: none
  allowed_origins:
    - https://app.example.com
    - https://app.example.com/path
"""
SECTION = {
    "product_id": "demo",
    "identity": "none",
    "allowed_origins": ["https://app.example.com", "https://app.example.com/path"],
}


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)


@pytest.mark.parametrize(
    "arguments", [["run"], ["run", "--credentials", "mine.yml"], ["run", "--credentials=mine.yml"]]
)
def test_error_names_the_file_and_the_line(arguments: list[str]) -> None:
    name = "mine.yml" if len(arguments) > 1 or "=" in arguments[-1] else "credentials.yml"
    Path(name).write_text(TEXT, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=rf"^{name}:7: rasa_autoplay\.channel\.AutoplayInput\.allowed_origins\.1: "
    ):
        read_channel_settings(SECTION, find_credentials_file(arguments))


def test_error_names_no_line_when_the_file_has_another_section() -> None:
    Path("credentials.yml").write_text(TEXT.replace("identity", "capture"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^credentials\.yml: rasa_autoplay"):
        read_channel_settings(SECTION, find_credentials_file(["run"]))


@pytest.mark.parametrize("text", ["", "[", "- a list"])
def test_ignores_a_credentials_file_that_cannot_be_read(text: str) -> None:
    Path("credentials.yml").write_text(text, encoding="utf-8")
    assert find_credentials_file(["run"]) is None
    assert find_credentials_file(["run", "--credentials", "nowhere.yml"]) is None


@pytest.mark.parametrize("order", [["socketio", OUR_CHAT], [OUR_CHAT, "socketio"]])
def test_rejects_two_chat_channels(order: list[str]) -> None:
    Path("credentials.yml").write_text("".join(f"{name}:\n" for name in order), encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        reject_two_chat_channels(find_credentials_file([]))
    line = order.index("socketio") + 1
    assert str(refusal.value).startswith(f"credentials.yml:{line}: socketio: ")
    assert "remove socketio" in str(refusal.value)


@pytest.mark.parametrize("only", ["socketio", OUR_CHAT])
def test_accepts_one_chat_channel(only: str) -> None:
    Path("credentials.yml").write_text(f"{only}:\n", encoding="utf-8")
    reject_two_chat_channels(find_credentials_file([]))
    reject_two_chat_channels(None)
