"""docs/metrics.md lists every metric, as the package declares it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rasa_autoplay.common.metrics.metric import Metric
from rasa_autoplay.common.metrics.page import BUILD_INFO
from rasa_autoplay.engine.metrics.catalogue import ENGINE_METRICS
from rasa_autoplay.gateway.metrics.catalogue import GATEWAY_METRICS

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
ALL = (BUILD_INFO, *ENGINE_METRICS, *GATEWAY_METRICS)


def rows(metrics: Sequence[Metric]) -> Iterator[str]:
    for metric in metrics:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        yield f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} |".replace("|  |", "| |")


def test_page_lists_each_metric_in_order() -> None:
    expected = [row for metrics in ((BUILD_INFO, *ENGINE_METRICS), GATEWAY_METRICS) for row in rows(metrics)]
    found = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `autoplay_")]
    assert found == expected


def test_names_are_unique() -> None:
    assert len({metric.name for metric in ALL}) == len(ALL)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_names_follow_prometheus_rules(metric: Metric) -> None:
    """https://prometheus.io/docs/practices/naming/"""
    assert metric.name.startswith("autoplay_")
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    if metric.kind == "histogram":
        assert metric.name.endswith("_seconds")
    assert metric.help.endswith(".")
    assert not {"user", "user_id", "session", "session_id"} & set(metric.labels)


def test_page_says_what_to_do_for_each_alert() -> None:
    alerts = re.findall(r"- alert: (\w+)", (PAGE.parents[1] / "deploy" / "alerts.yml").read_text("utf-8"))
    found = re.findall(r"^\| `(Autoplay\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert found == alerts


def test_page_lists_each_row_of_the_dashboard() -> None:
    board = json.loads((PAGE.parents[1] / "deploy" / "grafana-dashboard.json").read_text("utf-8"))
    rows_of_the_board = [panel["title"] for panel in board["panels"] if panel["type"] == "row"]
    text = PAGE.read_text("utf-8")
    assert all(f"| {title} |" in text for title in rows_of_the_board)
