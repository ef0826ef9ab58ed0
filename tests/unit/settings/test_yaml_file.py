"""Errors in a YAML file name the place, the fault, the allowed keys, and the nearest key."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name

GOOD = """\
version: "1"
product_id: demo
session:
  cooldown: 20s
  window: {lookback: 5m, max_actions: 200}
courtesy:
  min_interval: 5m
triggers:
  - predicate: "a:b"
    id: first
  - builtin: user_page_dwell
    dwell: 60s
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def opened(folder: Path, text: str) -> YamlFile:
    path = folder / "autoplay.yml"
    path.write_text(text, encoding="utf-8")
    return YamlFile(path)


def complaints(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as refusal:
        opened(folder, text).read(EngineSettings)
    assert refusal.value.__suppress_context__
    return str(refusal.value).splitlines()


def complaint(folder: Path, old: str, new: str) -> str:
    """Return the one error about the valid file with one change."""
    assert old in GOOD
    (only,) = complaints(folder, GOOD.replace(old, new))
    return only


def test_reads_a_valid_file(folder: Path) -> None:
    settings = opened(folder, GOOD).read(EngineSettings)
    assert (settings.session.cooldown, settings.session.window.lookback) == (20.0, 300.0)
    assert [t.parameters for t in settings.triggers] == [{}, {"dwell": "60s"}]


def test_omitted_keys_have_their_defaults(folder: Path) -> None:
    settings = opened(folder, "product_id: demo").read(EngineSettings)
    assert (settings.session.interaction_timeout, settings.session.cooldown) == (60.0, 120.0)
    assert (settings.courtesy.min_interval, settings.courtesy.snooze) == (300.0, 86_400.0)
    assert (settings.poll_interval, settings.database.url) == (10.0, "sqlite:///autoplay.db")
    assert settings.llm is None


def test_misspelt_key_error_names_line_nearest_and_all_keys(folder: Path) -> None:
    text = complaint(folder, "  cooldown: 20s", "  cooldwon: 20s")
    assert text.startswith("autoplay.yml:4: session.cooldwon: unknown key; did you mean 'cooldown'?")
    for name in ("cooldown", "idle_timeout", "interaction_timeout", "max_sessions", "window"):
        assert name in text
    assert "product_id" not in text, "only what is allowed there"


def test_unknown_key_error_lists_the_allowed_keys(folder: Path) -> None:
    text = complaint(folder, "  min_interval: 5m", "  zzz: 1")
    allowed = (
        "golden_paths, hold_until, max_wait, min_interval, newcomers, per_golden_path, per_user_per_day, "
        "quiet_hours, role_property, roles, snooze"
    )
    assert text == f"autoplay.yml:7: courtesy.zzz: unknown key. Allowed: after_accepted, explore, {allowed}."


def test_finds_the_line_of_a_key_in_braces(folder: Path) -> None:
    text = complaint(folder, "max_actions: 200", "max_action: 200")
    assert text.startswith(
        "autoplay.yml:5: session.window.max_action: unknown key; did you mean 'max_actions'?"
    )


def test_finds_the_line_of_a_top_level_key(folder: Path) -> None:
    text = complaint(folder, "courtesy:", "courtesi:")
    assert text.startswith("autoplay.yml:6: courtesi: unknown key; did you mean 'courtesy'?")


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("20s", "20", "autoplay.yml:4: session.cooldown: ", "unit"),
        ("20s", "soon", "autoplay.yml:4: session.cooldown: ", "1h30m"),
        ("max_actions: 200", "max_actions: many", "autoplay.yml:5: session.window.max_actions: ", "whole"),
        ("max_actions: 200", "max_actions: 0", "autoplay.yml:5: session.window.max_actions: ", "1"),
        ("courtesy:\n  min_interval: 5m", "courtesy: none", "autoplay.yml:6: courtesy: ", "section"),
        ('version: "1"', 'version: "2"', "autoplay.yml:1: version: ", "'1'"),
        ("    id: first\n", "", "autoplay.yml:9: triggers.0: ", '"id:"'),
        ('predicate: "a:b"\n    id: first', "id: first", "autoplay.yml:9: triggers.0: ", "builtin"),
        (
            "    dwell: 60s",
            '    predicate: "a:b"',
            "autoplay.yml:11: triggers.1: ",
            "not builtin and predicate",
        ),
        ("product_id: demo", 'product_id: ""', "autoplay.yml:2: product_id: ", "not be empty"),
    ],
)
def test_wrong_value_error_names_its_place(folder: Path, old: str, new: str, place: str, reason: str) -> None:
    text = complaint(folder, old, new)
    assert text.startswith(place)
    assert reason in text.removeprefix(place)


def test_missing_key_error_names_the_key(folder: Path) -> None:
    assert complaint(folder, "product_id: demo\n", "").endswith("product_id: this key is required.")


def test_prints_each_error_on_its_own_line(folder: Path) -> None:
    text = GOOD.replace("20s", "20").replace("dwell: 60s", "cooldown: 60").replace("product_id", "produkt_id")
    keys = {line.split(": ")[1] for line in complaints(folder, text)}
    assert keys == {"session.cooldown", "triggers.1.cooldown", "product_id", "produkt_id"}


def test_settings_are_immutable(folder: Path) -> None:
    settings = opened(folder, GOOD).read(EngineSettings)
    with pytest.raises(TypeError):
        settings.product_id = "other"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1, 2", "autoplay.yml:"),
        ("a: 1\nb: 2\na: 3", "autoplay.yml:3: "),
        ("a: 1\n\tb: 2", "autoplay.yml:2: "),
        ("a: &x 1\nb: *y", "autoplay.yml:2: "),
        ("a: \x00", "autoplay.yml"),
    ],
)
def test_invalid_yaml_error_names_its_line(folder: Path, text: str, place: str) -> None:
    with pytest.raises(ConfigError, match="not valid YAML") as refusal:
        opened(folder, text)
    assert str(refusal.value).startswith(place)


@pytest.mark.parametrize("text", ["", "just text", "- a\n- b", "42"])
def test_rejects_a_file_that_is_not_a_mapping(folder: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"autoplay\.yml:1: .*mapping"):
        opened(folder, text)


def test_reports_a_file_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yml: cannot be read: No such file"):
        YamlFile(folder / "nowhere.yml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        YamlFile(folder)
    (folder / "latin.yml").write_bytes(b"a: \xfc")
    with pytest.raises(
        ConfigError, match=r"latin\.yml:1: the file is not UTF-8: this line has the byte 0xfc"
    ):
        YamlFile(folder / "latin.yml")


def test_fills_in_variables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCT", "demo")
    file = opened(folder, 'product_id: "${PRODUCT}-1"\ndatabase: {url: "sqlite:///${PRODUCT}.db"}')
    settings = file.read(EngineSettings)
    assert (settings.product_id, settings.database.url) == ("demo-1", "sqlite:///demo.db")


def test_unset_variable_error_names_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(ConfigError, match=r"autoplay\.yml:2: database\.url: .*NOT_SET is not set"):
        opened(folder, 'product_id: demo\ndatabase: {url: "${NOT_SET}"}').read(EngineSettings)


def test_error_does_not_repeat_a_variables_value(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG", "s3cret-word")
    with pytest.raises(ConfigError) as refusal:
        opened(folder, 'product_id: demo\nversion: "${WRONG}"').read(EngineSettings)
    assert "s3cret-word" not in "".join(traceback.format_exception(refusal.value))


def test_finds_the_file_in_the_working_directory_or_by_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    with pytest.raises(ConfigError, match=r"autoplay\.yml"):
        find_engine_file()
    opened(folder, "product_id: here")
    assert find_engine_file().data() == {"product_id": "here"}
    (folder / "other.yml").write_text("product_id: there", encoding="utf-8")
    monkeypatch.setenv("AUTOPLAY_CONFIG", str(folder / "other.yml"))
    assert find_engine_file().data() == {"product_id": "there"}


@pytest.mark.parametrize(
    ("name", "hint"), [("cooldwon", "; did you mean 'cooldown'?"), ("zzz", ""), (None, ""), (7, "")]
)
def test_suggests_the_nearest_name(name: object, hint: str) -> None:
    assert nearest_name(name, ["cooldown", "window"]) == hint


def test_line_of_a_missing_key_is_that_of_its_nearest_parent(folder: Path) -> None:
    file = opened(folder, GOOD)
    assert file.line_of(["session", "window", "max_actions"]) == 5
    assert file.line_of(["session", "nothing", "at all"]) == 3
    assert file.line_of(["triggers", 1]) == 11
    assert file.line_of(["triggers", 7, "id"]) == 8
    assert file.line_of([]) == 1
