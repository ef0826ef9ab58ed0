"""``docs/tracing.md`` names spans, attributes and versions that the code has."""

from __future__ import annotations

import pytest
from support.processes import ROOT
from support.span_table import DescribedSpan, described_spans

from rasa_autoplay.common.tracing.open_telemetry import SEMANTIC_CONVENTIONS
from rasa_autoplay.engine.assistant.model_span import GEN_AI_CONVENTIONS

PAGE = (ROOT / "docs" / "tracing.md").read_text("utf-8")
SOURCE = "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "rasa_autoplay").rglob("*.py")))
#: Made of the method and the route's path.
ROUTES = {"POST /capture": '"/capture"', "GET /reply": '"/reply"'}


@pytest.mark.parametrize("row", described_spans(), ids=lambda row: str(row.name))
def test_each_described_span_is_in_the_code(row: DescribedSpan) -> None:
    prefix = row.name.partition("…")[0]
    wanted = ROUTES.get(row.name, prefix.removeprefix("POST ") if prefix.startswith("POST") else f'"{prefix}')
    assert wanted in SOURCE
    for attribute in row.attributes:
        is_of_response = attribute in ("gen_ai.response.id", "gen_ai.response.model")
        assert ("gen_ai.response.{name}" if is_of_response else attribute) in SOURCE


def test_the_page_states_the_version_of_the_conventions() -> None:
    assert GEN_AI_CONVENTIONS == SEMANTIC_CONVENTIONS
    assert f"version **{GEN_AI_CONVENTIONS}**" in PAGE


def test_the_picture_shows_spans_of_the_table() -> None:
    picture = PAGE.split("```text")[3].split("```")[0]
    names = [line.lstrip(" │├└─").split("  ")[0] for line in picture.strip().splitlines()]
    known = [row.name.partition("…")[0] for row in described_spans()]
    assert len(names) == 18
    assert [name for name in names if not name.startswith(tuple(known))] == []
