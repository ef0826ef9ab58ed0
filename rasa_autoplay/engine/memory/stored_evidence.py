"""A session's proofs as text, so that an engine that restarts can take up where the other one ended."""

from __future__ import annotations

import msgspec

from rasa_autoplay.engine.knowledge.path_tracker import PathTracker, Proofs

__all__ = ["decode_proofs", "encode_proofs", "merged"]


def encode_proofs(proofs: Proofs | None) -> str:
    """As JSON."""
    return msgspec.json.encode(proofs or {}).decode()


def decode_proofs(text: str, tracker: PathTracker) -> Proofs:
    """Read proofs; what cannot be read, and what belongs to a path or step that is no more, is left out."""
    try:
        stored = msgspec.json.decode(text, type=Proofs)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {}
    proofs: Proofs = {}
    for path_id, found in stored.items():
        # All that went wrong stands under the empty id, and fits no step.
        steps = set(tracker.provable(path_id))
        known = [proof for proof in found if steps.issuperset(proof.steps)]
        if known and (steps or not path_id):
            proofs[path_id] = known
    return proofs


def merged(some: Proofs, others: Proofs) -> Proofs:
    """All proofs of both; what stands in both counts once."""
    return {
        path_id: sorted({*some.get(path_id, ()), *others.get(path_id, ())})
        for path_id in dict.fromkeys([*some, *others])
    }
