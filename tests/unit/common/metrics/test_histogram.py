"""Histograms count as Prometheus does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client import Histogram as Reference

from rasa_autoplay.common.metrics.histogram import LATENCY_BOUNDS_S, Histogram


@given(st.lists(st.one_of(st.floats(0, 100), st.sampled_from(LATENCY_BOUNDS_S)), max_size=50))
def test_buckets_are_those_of_the_reference(values: list[float]) -> None:
    registry = CollectorRegistry()
    reference, own = Reference("h", "h", registry=registry, buckets=LATENCY_BOUNDS_S), Histogram()
    for value in values:
        reference.observe(value)
        own.observe(value)
    (family,) = registry.collect()
    expected = {sample.labels["le"]: sample.value for sample in family.samples if sample.name == "h_bucket"}
    assert dict(own.buckets()) == expected
    assert own.sum == pytest.approx(sum(values))
    assert len(own) == len(values)


def test_clock_that_steps_back_counts_as_no_time() -> None:
    own = Histogram((1.0,))
    own.observe(-5.0)
    assert list(own.buckets()) == [("1.0", 1.0), ("+Inf", 1.0)]
    assert own.sum == 0.0
