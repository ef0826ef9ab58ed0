"""An old key is rejected with its file, its line, and the lines to write instead."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION, ChannelSettings, read_channel_settings
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.remedy_lines import yaml_example
from rasa_autoplay.settings.renamed import AUTOPLAY_YML, CREDENTIALS_YML, Renamed
from rasa_autoplay.settings.yaml_file import YamlFile, names_at

ROOT = Path(__file__).parents[3]


def named(row: Renamed) -> str:
    return row.old if row.value is None else f"{row.old}: {row.value}"


def in_yaml(row: Renamed, indent: int = 0) -> tuple[str, int]:
    """Return the old key in YAML, one level per line, and the number of lines."""
    lines: list[str] = []
    for step in row.old.split("."):
        if step == "*":
            indent += 2
            lines.append(" " * indent + "- id: a")
            indent += 2
            lines.append(" " * indent + "builtin: user_page_dwell")
        else:
            lines.append(" " * indent + f"{step}:")
            indent += 2
    lines[-1] += f" {row.value or 'x'}"
    return "\n".join(lines) + "\n", len(lines)


@pytest.mark.parametrize("row", AUTOPLAY_YML, ids=named)
def test_rejects_an_old_key_of_autoplay_yml(row: Renamed, tmp_path: Path) -> None:
    path = tmp_path / "autoplay.yml"
    text, lines = in_yaml(row)
    path.write_text(f"product_id: demo\n{text}", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        YamlFile(path).read(EngineSettings)
    key = row.old.replace("*", "0")
    assert f"autoplay.yml:{lines + 1}: {key}: {row.message}" in str(refused.value)


@pytest.mark.parametrize("row", CREDENTIALS_YML, ids=named)
def test_rejects_an_old_key_of_credentials_yml(row: Renamed, tmp_path: Path) -> None:
    path = tmp_path / "credentials.yml"
    text, lines = in_yaml(row, indent=2)
    beside = "" if row.old == "identity" else "  identity: none\n"
    path.write_text(f"{SECTION}:\n  product_id: demo\n{beside}{text}", encoding="utf-8")
    file = YamlFile(path)
    with pytest.raises(ConfigError) as refused:
        read_channel_settings(file.data()[SECTION], file)
    line = 2 + bool(beside) + lines
    expected = f"credentials.yml:{line}: {SECTION}.{row.old}: {row.message}"
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("model", "row"),
    [(EngineSettings, row) for row in AUTOPLAY_YML] + [(ChannelSettings, row) for row in CREDENTIALS_YML],
    ids=lambda value: named(value) if isinstance(value, Renamed) else "",
)
def test_new_key_exists_and_the_old_one_does_not(model: type[Settings], row: Renamed) -> None:
    *section, key = _steps(row.new)
    assert key in names_at(model, section)
    if row.value is None:
        *section, key = _steps(row.old)
        assert section == ["limits"] or key not in names_at(model, section)


def _steps(dotted: str) -> list[Any]:
    return [step for step in dotted.split(".") if step != "*"]


@pytest.mark.parametrize("row", [*AUTOPLAY_YML, *CREDENTIALS_YML], ids=named)
def test_changelog_names_the_new_key(row: Renamed) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    old = named(row).replace("triggers.*.", "triggers[].")
    if not row.old.startswith("rate_limits."):
        assert f"| `{old}` |" in changelog


def test_names_all_old_keys_of_a_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "autoplay.yml"
    path.write_text("product_id: demo\nlimits: {}\nmemory: {url: a, keep: 1d}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        YamlFile(path).read(EngineSettings)
    assert str(refused.value).count("has a new name") == 3


def test_error_repeats_no_old_value(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_channel_settings(
            {"product_id": "demo", "identity": "none", "link_secret": "hunter2", "token": "t"}
        )
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("row", [*AUTOPLAY_YML, *CREDENTIALS_YML], ids=named)
def test_example_is_yaml_that_sets_the_new_key(row: Renamed) -> None:
    # Not Rasa's YAML library: once Rasa is imported, that fills in variables.
    node: Any = yaml.safe_load(textwrap.dedent(yaml_example(row.new, row.example)))
    for step in row.new.split("."):
        node = node[0] if step == "*" else node[step]
    assert node == row.example
