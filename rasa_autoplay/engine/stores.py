"""Everything that the engine keeps in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
from rasa_autoplay.engine.consent.sql.store import SqlConsentStore
from rasa_autoplay.engine.external_offers.sql.store import SqlRequestStore
from rasa_autoplay.engine.freshness.sql.store import SqlFreshnessStore
from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.engine.offers.buffered_ledger import BufferedLedger
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.outcomes.delivery.outcomes import Outcomes
from rasa_autoplay.engine.path_drafts.sql.store import SqlPathDrafts
from rasa_autoplay.engine.proposals.sql.reader import ProposalReader
from rasa_autoplay.engine.proposals.sql.turns import PromotionTurns
from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore
from rasa_autoplay.engine.results.gate_counts import GateCounts
from rasa_autoplay.engine.results.sql.gate_count_store import GateCountStore
from rasa_autoplay.engine.results.sql.reader import ResultsReader
from rasa_autoplay.engine.session_owners import SessionOwnerStore
from rasa_autoplay.engine.studio.path_reader import PathReader
from rasa_autoplay.engine.studio.people_reader import PeopleReader
from rasa_autoplay.engine.studio.user_data import UserTable, user_tables
from rasa_autoplay.engine.tips.sql.store import SqlChoiceStore
from rasa_autoplay.settings.outcomes import OutcomeSettings

__all__ = ["Stores"]


class Stores:
    """The stores and readers of one engine. Each connects when it is first used.

    Args:
        url: SQLAlchemy URL of the database.
        product_id: the product's id.
        engine_id: the engine's id.
        clock: epoch seconds.
        outcomes: who is told what became of each offer; None for nobody.

    Raises:
        ConfigError: a secret for the outcomes is missing or wrong.
    """

    def __init__(
        self,
        url: str,
        product_id: str,
        engine_id: str,
        clock: Callable[[], float],
        outcomes: OutcomeSettings | None = None,
    ) -> None:
        self.url = url
        self.outcomes = Outcomes(url, product_id, outcomes, clock)
        self._offers = SqlOfferLedger(url, self.outcomes.recorder)
        self.ledger = BufferedLedger(self._offers)
        self.memory = SqlMemoryStore(url)
        self.chat_owners = SessionOwnerStore(url, product_id, clock)
        self.change_log = SqlChangeLog(url)
        self.recordings = SqlRecordingStore(url, product_id)
        self.freshness = SqlFreshnessStore(url, product_id)
        self.path_drafts = SqlPathDrafts(url, product_id)
        self.offer_requests = SqlRequestStore(url, product_id)
        self.choices = SqlChoiceStore(url, product_id)
        self.consents = SqlConsentStore(url, product_id)
        self.gate_counts = GateCounts(GateCountStore(url, product_id, engine_id))
        self.results = ResultsReader(url, product_id)
        self.path_figures = PathReader(url, product_id)
        self.people = PeopleReader(url, product_id)
        self.proposals = ProposalReader(url, product_id)
        self.promotion_turns = PromotionTurns(url, product_id)

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""
        return self.ledger.problem or self.memory.problem or self.change_log.problem

    def user_tables(self) -> list[UserTable]:
        """The tables that hold data of users."""
        return user_tables(
            self.memory,
            self._offers,
            self.chat_owners,
            self.recordings,
            self.freshness,
            self.outcomes.outbox,
            self.offer_requests,
            self.choices,
            self.consents,
        )

    async def close(self) -> None:
        """Finish the current work and disconnect."""
        # All at once, because closing a hanging database takes seconds.
        await asyncio.gather(
            self.memory.close(),
            self.ledger.close(),
            self.gate_counts.close(),
            self.chat_owners.close(),
            self.change_log.close(),
            self.results.close(),
            self.path_figures.close(),
            self.recordings.close(),
            self.people.close(),
            self.freshness.close(),
            self.path_drafts.close(),
            self.outcomes.close(),
            self.offer_requests.close(),
            self.choices.close(),
            self.consents.close(),
            self.proposals.close(),
            self.promotion_turns.close(),
        )
