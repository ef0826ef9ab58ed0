"""Reads what proposals have done from the database, from a thread of its own, so that toasts never wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_autoplay.engine.offers.base import FAILED_AFTER
from rasa_autoplay.engine.offers.sql.schema import migrate
from rasa_autoplay.engine.proposals.base import FiguresQuery, StoredFigures
from rasa_autoplay.engine.proposals.sql.counts import ghost_figures, harm_figures, trial_figures
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.results.sql.decision_rows import first_reports
from rasa_autoplay.storage.report_reader import ReportReader

__all__ = ["ProposalReader"]

_MOST_S = 300.0


class ProposalReader(ReportReader):
    """Reads the figures of a product's proposals.

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
            without="No proposal is promoted without it.",
            prepare=migrate,
            most_s=_MOST_S,
        )

    async def read(self, queries: Sequence[FiguresQuery], now: float) -> Mapping[str, StoredFigures] | None:
        """Return the figures by trigger; None if they cannot be read, and ``problem`` says why.

        Args:
            queries: the proposals.
            now: epoch seconds.
        """
        if all(query.stage is Stage.DRAFT for query in queries):
            return {query.trigger_id: StoredFigures() for query in queries}
        return await self.run(lambda connection: self._read(connection, queries, now), None)

    def _read(
        self, connection: Any, queries: Sequence[FiguresQuery], now: float
    ) -> Mapping[str, StoredFigures]:
        reached = first_reports(connection, "goal_reached")
        failed = first_reports(connection, FAILED_AFTER)
        found = {}
        for query in queries:
            if query.stage is Stage.DRAFT:
                found[query.trigger_id] = StoredFigures()
            elif query.stage is Stage.GHOST:
                ghost = ghost_figures(connection, self._product_id, query, reached, now)
                found[query.trigger_id] = StoredFigures(ghost)
            else:
                trial = trial_figures(connection, self._product_id, query, reached, failed, now)
                harm = harm_figures(connection, self._product_id, query, now)
                found[query.trigger_id] = StoredFigures(None, trial, harm)
        return found
