"""The beginning of a report's period, as people write it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from rasa_autoplay.engine.results.since import EVER, Since, parse_since

NOW = 1_796_000_000.0


def test_a_duration_limits_the_counts_only() -> None:
    assert parse_since("30d", NOW) == Since(NOW - 30 * 86_400, 0.0)


def test_a_date_begins_the_comparisons_too() -> None:
    begin = datetime(2026, 11, 29, tzinfo=timezone.utc).timestamp()
    assert parse_since("2026-11-29", NOW) == Since(begin, begin)


@pytest.mark.parametrize("text", ["", f"{'9' * 39}d", f"{'9' * 400}d", "0001-01-01"])
def test_nothing_begins_before_time(text: str) -> None:
    assert parse_since(text, NOW) == EVER


@pytest.mark.parametrize("text", ["30", "yesterday", "2026-02-30", "2026-1-1", "\ud800", "d"])
def test_refuses_other_texts(text: str) -> None:
    with pytest.raises(ValueError, match="is neither a duration such as"):
        parse_since(text, NOW)
