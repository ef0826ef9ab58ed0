"""The Grafana dashboard of ``deploy/``, and the queries in it and in the alert rules."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from support.alerting import ALERTS
from support.processes import ROOT

__all__ = ["DASHBOARD", "alert_queries", "dashboard", "dashboard_queries", "names_in", "without_variables"]

DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
_NAME = re.compile(r"\b((?:autoplay|process)_\w+|up)\b(?:\{([^}]*)\})?")
_LABEL = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
_BY = re.compile(r"\bby \(([^)]*)\)")


def dashboard() -> dict[str, Any]:
    """Return the dashboard."""
    found: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return found


def dashboard_queries() -> dict[str, str]:
    """Return the dashboard's queries, by panel and letter."""
    panels = dashboard()["panels"]
    return {
        f"{panel['title']} {each['refId']}": each["expr"]
        for panel in panels
        for each in panel.get("targets", ())
    }


def alert_queries() -> dict[str, str]:
    """Return the queries of the alert rules, by alert."""
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def without_variables(query: str) -> str:
    """Return a query as Grafana sends it, for all triggers and the last hour."""
    return query.replace("$trigger", ".*").replace("$__rate_interval", "4m").replace("$__range", "1h")


def names_in(query: str) -> tuple[dict[str, set[str]], set[str]]:
    """Return the series that a query names, each with its labels, and the labels that it groups by."""
    series: dict[str, set[str]] = {}
    for name, selector in _NAME.findall(_BY.sub("", query)):
        series.setdefault(name, set()).update(_LABEL.findall(selector))
    groups = {label.strip() for labels in _BY.findall(query) for label in labels.split(",")}
    return series, groups
