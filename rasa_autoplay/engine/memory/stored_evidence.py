"""Stores a session's step evidence as text, so that a restarted engine can continue the session."""

from __future__ import annotations

import msgspec

from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.memory.translated_evidence import translated

__all__ = ["decode_evidence", "encode_evidence", "merged"]

_StepIds = dict[str, tuple[str, ...]]
#: Evidence with the ids of its paths' steps. Earlier versions of this package stored the evidence only.
_Stored = tuple[_StepIds, EvidenceByPath] | EvidenceByPath
_decoder = msgspec.json.Decoder(_Stored)


def encode_evidence(evidence: EvidenceByPath | None, tracker: PathTracker) -> str:
    """Encode evidence as JSON, with the ids of the steps, because the golden paths may change."""
    own = evidence or {}
    step_ids = {path_id: tracker.step_ids[path_id] for path_id in own if path_id in tracker.step_ids}
    return msgspec.json.encode((step_ids, own)).decode()


def decode_evidence(text: str, tracker: PathTracker) -> EvidenceByPath:
    """Decode evidence; leave out what is unreadable, or about paths or steps that no longer exist."""
    try:
        stored = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {}
    step_ids, evidence = stored if isinstance(stored, tuple) else (None, stored)
    return translated(evidence, step_ids, tracker)


def merged(some: EvidenceByPath, others: EvidenceByPath) -> EvidenceByPath:
    """Merge two sets of evidence without duplicates."""
    return {
        path_id: sorted({*some.get(path_id, ()), *others.get(path_id, ())})
        for path_id in dict.fromkeys([*some, *others])
    }
