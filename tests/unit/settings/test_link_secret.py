"""The link's secret in the action server."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.link_secret import check_link_secret
from rasa_autoplay.settings.secret import Secret

NONE, SECRET = Secret(""), Secret("a-secret-that-is-long")


def write(folder: Path, identity: str) -> None:
    section = f"# a comment\nrasa_autoplay.channel.AutoplayInput:\n  identity: {identity}\n"
    (folder / "credentials.yml").write_text(section, encoding="utf-8")


def test_rejects_a_short_secret_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="AUTOPLAY_LINK_SECRET must have at least 16") as refusal:
        check_link_secret(Secret("short-word"), tmp_path)
    assert "short-word" not in str(refusal.value)


@pytest.mark.parametrize("identity", ["required", "${MODE}"])
def test_signed_users_require_a_link_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: str
) -> None:
    monkeypatch.setenv("MODE", "required")
    write(tmp_path, identity)
    with pytest.raises(ConfigError) as refusal:
        check_link_secret(NONE, tmp_path)
    assert "credentials.yml:3" in str(refusal.value)
    assert "\n    link:\n      secret: ${AUTOPLAY_LINK_SECRET}" in refusal.value.remedy
    assert "both servers" in refusal.value.remedy
    check_link_secret(SECRET, tmp_path)


@pytest.mark.parametrize("identity", ["none", "report_only", "${NOT_SET_ANYWHERE}", "[", ""])
def test_unsigned_users_need_no_link_secret(tmp_path: Path, identity: str) -> None:
    write(tmp_path, identity)
    check_link_secret(NONE, tmp_path)
