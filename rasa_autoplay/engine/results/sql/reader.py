"""Reads the results from the database, from a thread of its own, so that toasts never wait for a report."""

from __future__ import annotations

from typing import Any

from rasa_autoplay.engine.offers.sql.schema import migrate
from rasa_autoplay.engine.results.comparison import comparisons_of
from rasa_autoplay.engine.results.first_decisions import Asked, count_first_decisions
from rasa_autoplay.engine.results.gate_prices import gate_prices, tally_gates
from rasa_autoplay.engine.results.query import ResultsQuery
from rasa_autoplay.engine.results.results import DEFAULT_WITHIN_S, EVERYTHING, Results, build_results
from rasa_autoplay.engine.results.sql.decision_rows import decisions_under_chance, first_reports
from rasa_autoplay.engine.results.sql.funnel_query import read_funnel
from rasa_autoplay.engine.results.sql.gate_count_query import TriggerCount, read_gate_counts
from rasa_autoplay.storage.report_reader import ReportReader

__all__ = ["ResultsReader"]

#: A million decisions take about 40 s of CPU; a busy machine needs a multiple of that.
_MOST_S = 300.0


class ResultsReader(ReportReader):
    """Reads the results of a product.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str) -> None:
        super().__init__(
            url,
            product_id,
            holds="offers and receipts",
            without="There are no results without it.",
            prepare=migrate,
            most_s=_MOST_S,
        )

    async def read(self, query: ResultsQuery) -> Results | None:
        """Return the results; None if they cannot be read, and ``problem`` says why."""
        return await self.run(lambda connection: self._read(connection, query), None)

    async def read_gates(self, day: str) -> list[TriggerCount] | None:
        """Return how often each gate was closed on a UTC day; None if that cannot be read."""
        return await self.run(lambda connection: read_gate_counts(connection, self._product_id, day), None)

    def _read(self, connection: Any, query: ResultsQuery) -> Results:
        asked = Asked(
            now=query.now,
            reached=first_reports(connection, "goal_reached"),
            failed=first_reports(connection, "failed_after"),
            within_s={trigger_id: goal.within_s for trigger_id, goal in query.goals.items()},
            default_within_s=DEFAULT_WITHIN_S,
            since=query.compared_since,
        )
        rows = decisions_under_chance(connection, self._product_id, query.trigger_id)
        comparisons = comparisons_of(count_first_decisions(rows, asked))
        if query.trigger_id:
            comparisons.pop(EVERYTHING, None)  # the decisions of the other triggers were not read
        explored = decisions_under_chance(connection, self._product_id, query.trigger_id, is_explored=True)
        return build_results(
            self._product_id,
            query.now,
            query.since,
            read_funnel(connection, self._product_id, query.since, query.now, query.trigger_id),
            comparisons,
            query.goals,
            gate_prices(tally_gates(explored, asked)),
        )
