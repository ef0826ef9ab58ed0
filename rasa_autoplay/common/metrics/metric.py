"""What a metric is, and what a scrape reads of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from rasa_autoplay.common.metrics.histogram import Histogram

__all__ = ["Labels", "Metric", "ReadMetrics", "Reading", "plain"]

#: The values of a metric's labels, in the order of the metric's label names.
Labels = tuple[str, ...]


class Metric(NamedTuple):
    """The declaration of a metric. The documentation's table has one row for each.

    Args:
        name: as on the page. A counter's name ends in ``_total``.
        kind: the type in Prometheus.
        help: what it shows, in one sentence.
        labels: the names of its labels. Every label has a bounded set of values.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


class Reading(NamedTuple):
    """The values of a metric at the time of a scrape.

    Args:
        metric: the metric.
        values: by the values of its labels; a histogram's values are :class:`Histogram`, all others numbers.
    """

    metric: Metric
    values: Mapping[Labels, float | Histogram]


#: Reads the metrics of one part of a process at the time of a scrape.
ReadMetrics = Callable[[], Iterable[Reading]]


def plain(metric: Metric, value: float | Histogram) -> Reading:
    """Return the reading of a metric without labels."""
    return Reading(metric, {(): value})
