"""Counts continue over versions of the files."""

from __future__ import annotations

from collections import Counter

from rasa_autoplay.common.metrics.histogram import Histogram
from rasa_autoplay.engine.metrics.lasting_tallies import LastingTallies


def test_counts_of_former_versions_are_added() -> None:
    tallies = LastingTallies()
    first, second = Counter(failed=3), Counter(failed=1)
    assert tallies.counts("hook", {"hook": first})["failed"] == 3
    tallies.leave({"hook": first}, {"hook": second})
    assert tallies.counts("hook", {"hook": second})["failed"] == 4
    first["failed"] += 1  # it still finishes its work
    assert tallies.counts("hook", {"hook": second})["failed"] == 5
    tallies.settle()
    assert tallies.counts("hook", {"hook": second})["failed"] == 5
    assert tallies.counts("hook", {})["failed"] == 4


def test_part_that_stays_is_not_counted_twice() -> None:
    tallies = LastingTallies()
    same = Counter(asked=2)
    tallies.leave({"llm": same}, {"llm": same})
    tallies.settle()
    assert tallies.counts("llm", {"llm": same})["asked"] == 2


def test_histograms_continue() -> None:
    tallies = LastingTallies()
    first, second = Histogram((1.0, 2.0)), Histogram((1.0, 2.0))
    first.observe(0.5)
    second.observe(5.0)
    tallies.leave({"llm_seconds": first}, {"llm_seconds": second})
    for _ in range(2):
        total = tallies.histogram("llm_seconds", {"llm_seconds": second})
        assert total is not None
        assert list(total.buckets()) == [("1.0", 1.0), ("2.0", 1.0), ("+Inf", 2.0)]
        assert total.sum == 5.5
        tallies.settle()
    assert tallies.histogram("nothing", {}) is None
