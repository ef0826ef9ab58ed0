"""The contract of an observer of what sessions prove of golden paths. Freshness is one.

An observer is called in the middle of an event, so it must not block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction

__all__ = ["NO_EVIDENCE_OBSERVER", "EvidenceObserver"]


class EvidenceObserver(Protocol):
    """Sees sessions after what their actions prove was stored in them."""

    def observe(self, session: Session, actions: Sequence[SlimAction], /) -> None:
        """Observe new actions of a session."""

    def on_session_ended(self, session: Session, /) -> None:
        """Observe a session as a whole."""


class _NoEvidenceObserver:
    def observe(self, _session: Session, _actions: Sequence[SlimAction], /) -> None:
        """Do nothing."""

    def on_session_ended(self, _session: Session, /) -> None:
        """Do nothing."""


#: Sees nothing, for engines without freshness.
NO_EVIDENCE_OBSERVER: EvidenceObserver = _NoEvidenceObserver()
