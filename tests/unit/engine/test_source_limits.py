"""Health counts what sources without element ids and signals can never show."""

from __future__ import annotations

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.source_limits import SourceLimits
from rasa_autoplay.settings.trigger import TriggerSettings

NAMELESS = GoldenPath.parse_obj(
    {
        "id": "p",
        "title": "P",
        "steps": [
            {"id": "sign", "text": "Press it.", "label": "⋯", "done_when": {"element_id": "menu"}},
            {"id": "told", "text": "Press Save.", "label": "Save", "done_when": {"element_id": "save"}},
        ],
    }
)
DEAD_CLICK = TriggerSettings.parse_obj({"builtin": "dead_click"})
RAGE_CLICK = TriggerSettings.parse_obj({"builtin": "rage_click"})


def test_reports_counts_of_each_limited_source_that_delivered() -> None:
    limits = SourceLimits([NAMELESS], [DEAD_CLICK, RAGE_CLICK])
    assert limits.health(["capture", "posthog"]) == {}
    assert limits.health(["webhook", "capture", "stream"]) == {
        "not_shown": {"stream": {"steps": 1, "triggers": 1}, "webhook": {"steps": 1, "triggers": 1}}
    }


def test_reports_nothing_for_unlimited_sources() -> None:
    assert SourceLimits([], [RAGE_CLICK]).health(["stream"]) == {}
