"""Stores a session's proofs as text, so that a restarted engine can continue the session."""

from __future__ import annotations

import msgspec

from rasa_autoplay.engine.knowledge.path_tracker import PathTracker, Proofs

__all__ = ["decode_proofs", "encode_proofs", "merged"]


def encode_proofs(proofs: Proofs | None) -> str:
    """Encode proofs as JSON."""
    return msgspec.json.encode(proofs or {}).decode()


def decode_proofs(text: str, tracker: PathTracker) -> Proofs:
    """Decode proofs; unreadable ones, and those of paths or steps that no longer exist, are left out."""
    try:
        stored = msgspec.json.decode(text, type=Proofs)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {}
    proofs: Proofs = {}
    for path_id, found in stored.items():
        # The empty id has all failures, which match no step.
        steps = set(tracker.provable(path_id))
        known = [proof for proof in found if steps.issuperset(proof.steps)]
        if known and (steps or not path_id):
            proofs[path_id] = known
    return proofs


def merged(some: Proofs, others: Proofs) -> Proofs:
    """Merge two sets of proofs without duplicates."""
    return {
        path_id: sorted({*some.get(path_id, ()), *others.get(path_id, ())})
        for path_id in dict.fromkeys([*some, *others])
    }
