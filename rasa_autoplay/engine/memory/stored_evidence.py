"""Stores a session's step evidence as text, so that a restarted engine can continue the session."""

from __future__ import annotations

import msgspec

from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker

__all__ = ["decode_evidence", "encode_evidence", "merged"]


def encode_evidence(evidence: EvidenceByPath | None) -> str:
    """Encode evidence as JSON."""
    return msgspec.json.encode(evidence or {}).decode()


def decode_evidence(text: str, tracker: PathTracker) -> EvidenceByPath:
    """Decode evidence; leave out what is unreadable, or about paths or steps that no longer exist."""
    try:
        stored = msgspec.json.decode(text, type=EvidenceByPath)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {}
    evidence: EvidenceByPath = {}
    for path_id, found in stored.items():
        # The empty id has all failures, which match no step.
        steps = set(tracker.provable(path_id))
        known = [action for action in found if steps.issuperset(action.steps)]
        if known and (steps or not path_id):
            evidence[path_id] = known
    return evidence


def merged(some: EvidenceByPath, others: EvidenceByPath) -> EvidenceByPath:
    """Merge two sets of evidence without duplicates."""
    return {
        path_id: sorted({*some.get(path_id, ()), *others.get(path_id, ())})
        for path_id in dict.fromkeys([*some, *others])
    }
