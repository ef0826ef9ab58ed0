"""The engine's answers about proposals of triggers (:mod:`rasa_autoplay.link.proposal_requests`)."""

from __future__ import annotations

import msgspec

from rasa_autoplay.link.answers import JsonObject

__all__ = ["ProposalFound", "ProposalStepped", "ProposalsFound"]


class ProposalsFound(msgspec.Struct, frozen=True):
    """All proposals; see ``engine.studio.proposals``."""

    proposals: JsonObject


class ProposalFound(msgspec.Struct, frozen=True):
    """One proposal with its evidence and its steps; see ``engine.studio.proposals``."""

    proposal: JsonObject


class ProposalStepped(msgspec.Struct, frozen=True):
    """A step of a proposal was taken; see ``engine.studio.proposals``."""

    stepped: JsonObject
