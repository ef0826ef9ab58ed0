"""Joins what two runs of the engine have found about the same session."""

from __future__ import annotations

from rasa_autoplay.engine.knowledge.path_results import path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.memory.analysis import analysis_of
from rasa_autoplay.engine.memory.base import SessionRecord
from rasa_autoplay.engine.memory.stored_evidence import decode_evidence, encode_evidence, merged
from rasa_autoplay.events.user_properties import merged_properties

__all__ = ["joined"]


def joined(earlier: SessionRecord, later: SessionRecord, tracker: PathTracker) -> SessionRecord:
    """Return one record of a session, computed by the tracker's golden paths."""
    one, other = earlier.analysis, later.analysis
    evidence = merged(decode_evidence(earlier.evidence, tracker), decode_evidence(later.evidence, tracker))
    analysis = analysis_of(
        path_results_of(tracker, evidence),
        product_id=other.product_id,
        user_id=other.user_id,
        session_id=other.session_id,
        started_at=min(one.started_at, other.started_at),
        ended_at=max(one.ended_at, other.ended_at),
        action_count=max(one.action_count, other.action_count),
        properties=merged_properties(one.properties, other.properties),
        summary=other.summary or one.summary,
    )
    return SessionRecord(analysis, encode_evidence(evidence, tracker))
