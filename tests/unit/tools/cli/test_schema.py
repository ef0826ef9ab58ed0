"""The committed JSON Schemas match the models, and editors accept what the engine accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.translation_file import PathTranslation
from rasa_autoplay.settings.durations import PATTERN, format_duration, parse_duration_s
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.models import Settings, ValidationError
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli.main import main

ROOT = Path(__file__).parents[4]
DOCS = ROOT / "docs"
MODELS: dict[str, type[Settings]] = {
    "autoplay": EngineSettings,
    "golden_path": GoldenPath,
    "golden_path_texts": PathTranslation,
}
EXAMPLES = [
    ("autoplay", ROOT / "autoplay.yml"),
    *(("autoplay", file) for file in sorted((DOCS / "simulate").glob("*.yml"))),
    *(
        ("golden_path_texts" if file.stem.endswith(".de") else "golden_path", file)
        for file in sorted((ROOT / "example_bot").glob("**/golden_paths/*.yml"))
    ),
]
REGENERATE = "Regenerate it: .venv/bin/rasa-autoplay schema {0} > docs/{0}.schema.json"


def _schema(name: str) -> Any:
    return json.loads((DOCS / f"{name}.schema.json").read_text("utf-8"))


def _editor_accepts(name: str, data: object) -> bool:
    errors = jsonschema.Draft7Validator(_schema(name)).iter_errors(data)
    return next(iter(errors), None) is None


def _engine_accepts(name: str, data: object) -> bool:
    try:
        MODELS[name].parse_obj(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", [*MODELS, "evidence"])
def test_committed_schema_is_up_to_date(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    printed = capsys.readouterr().out
    assert (DOCS / f"{name}.schema.json").read_text("utf-8") == printed, REGENERATE.format(name)


@pytest.mark.parametrize("name", [*MODELS, "evidence"])
def test_committed_schema_is_a_valid_schema(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(_schema(name))


@pytest.mark.parametrize(("name", "file"), EXAMPLES, ids=lambda value: str(getattr(value, "name", value)))
def test_examples_are_valid(name: str, file: Path) -> None:
    jsonschema.Draft7Validator(_schema(name)).validate(YamlFile(file).data())


@pytest.mark.parametrize(("name", "file"), EXAMPLES, ids=lambda value: str(getattr(value, "name", value)))
def test_examples_name_their_schema(name: str, file: Path) -> None:
    first = file.read_text("utf-8").splitlines()[0]
    mark, _, target = first.partition("$schema=")
    assert mark == "# yaml-language-server: "
    assert (file.parent / target).resolve() == DOCS / f"{name}.schema.json"


@pytest.mark.parametrize("name", MODELS)
def test_describes_every_key(name: str) -> None:
    schema = _schema(name)
    # Conditions and built-ins have parameters of many kinds, which docs/rules.md explains.
    apart = {"Condition", "SectionRule", "StepSettings", "TriggerSettings"}
    sections = {name: d for name, d in schema["definitions"].items() if name not in apart}
    sections[""] = schema
    bare = [
        f"{section}.{key}"
        for section, content in sections.items()
        for key, value in content.get("properties", {}).items()
        if not value.get("description")
    ]
    assert not bare, "these need a line under Args: in the model's docstring"


def test_describes_durations_with_their_default_as_written() -> None:
    session = _schema("autoplay")["definitions"]["SessionSettings"]["properties"]
    assert session["cooldown"]["description"]
    assert session["cooldown"]["default"] == "2m"
    assert session["cooldown"]["allOf"] == [{"$ref": "#/definitions/Duration"}]


@pytest.mark.parametrize(
    "data",
    [
        {"product_id": "p"},
        {"product_id": "p", "golden_paths": None, "llm": None},
        {"product_id": "p", "session": {"cooldown": "1h30m", "interaction_timeout": 0}},
        {"product_id": "p", "session": {"cooldown": "2 m"}},
        {"product_id": "p", "triggers": [{"builtin": "user_page_dwell", "dwell": "60S"}]},
    ],
)
def test_editors_accept_what_the_engine_accepts(data: object) -> None:
    assert _engine_accepts("autoplay", data)
    assert _editor_accepts("autoplay", data)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"product_id": ""},
        {"product_id": "p", "sesion": {}},
        {"product_id": "p", "session": {"cooldown": 20}},
        {"product_id": "p", "session": {"cooldown": "20"}},
        {"product_id": "p", "session": {"cooldown": "20 parsecs"}},
        {"product_id": "p", "session": {"window": {"max_actions": 0}}},
        {"product_id": "p", "shared": {"redis": 7}},
        {"product_id": "p", "version": "2"},
        {"product_id": "p", "llm": {}},
        {"product_id": "p", "poll_interval": 10},
    ],
)
def test_engine_rejects_what_editors_mark(data: object) -> None:
    assert not _editor_accepts("autoplay", data)
    assert not _engine_accepts("autoplay", data)


@given(st.from_regex(PATTERN, fullmatch=True))
def test_reads_every_duration_of_the_pattern(text: str) -> None:
    assert parse_duration_s(text) >= 0


@given(st.integers(0, 10**9))
def test_writes_durations_as_they_are_read(milliseconds: int) -> None:
    assert parse_duration_s(format_duration(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)
