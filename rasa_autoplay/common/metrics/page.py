"""Renders the metrics of a process for Prometheus."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from rasa_autoplay.common.metrics.histogram import Histogram
from rasa_autoplay.common.metrics.metric import Metric, Reading, ReadMetrics

__all__ = ["BUILD_INFO", "MetricsPage"]

_Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily

BUILD_INFO = Metric(
    "autoplay_build_info",
    "gauge",
    "Always 1; its labels are the versions of the package and of Python.",
    ("version", "python"),
)


class MetricsPage:
    """The page of one process: its own registry, so that metrics of Rasa or of a team do not mix in.

    Args:
        parts: each reads the metrics of one part of this process.
    """

    def __init__(self, *parts: ReadMetrics) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Readings((_build_info, *parts)))
        ProcessCollector(registry=self._registry)

    def render(self) -> bytes:
        """Read all metrics, and return the page."""
        return generate_latest(self._registry)


class _Readings(Collector):
    def __init__(self, parts: tuple[ReadMetrics, ...]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[_Family]:
        for part in self._parts:
            for reading in part():
                yield _family(reading)


def _family(reading: Reading) -> _Family:
    metric = reading.metric
    if metric.kind == "histogram":
        family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, histogram in reading.values.items():
            assert isinstance(histogram, Histogram)  # noqa: S101 - as its metric declares
            family.add_metric(labels, list(histogram.buckets()), histogram.sum)
        return family
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    numbers = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in reading.values.items():
        assert not isinstance(value, Histogram)  # noqa: S101 - as its metric declares
        numbers.add_metric(labels, value)
    return numbers


def _build_info() -> Iterator[Reading]:
    yield Reading(BUILD_INFO, {(metadata.version("rasa-autoplay"), platform.python_version()): 1.0})
