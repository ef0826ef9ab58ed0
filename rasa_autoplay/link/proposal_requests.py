"""What the gateway asks the engine about proposals of triggers, for the studio."""

from __future__ import annotations

from rasa_autoplay.link.proposal_answers import ProposalFound, ProposalsFound, ProposalStepped
from rasa_autoplay.link.request_types import EngineRequest

__all__ = ["FindProposal", "FindProposals", "StepProposal"]


class FindProposals(EngineRequest[ProposalsFound], tag="find_proposals", frozen=True):
    """List the proposals, with the stage of each and what the rule says next."""


class FindProposal(EngineRequest[ProposalFound], tag="find_proposal", frozen=True):
    """Get one proposal with its evidence, its log, and the changes that its steps would make."""

    proposal_id: str


class StepProposal(EngineRequest[ProposalStepped], tag="step_proposal", frozen=True):
    """Promote a proposal, take its last step back, or reject it, as ``rasa-autoplay propose`` does.

    Args:
        proposal_id: the proposal.
        action: ``promote``, ``back`` or ``reject``.
        base: the digest of ``autoplay.yml`` that the page has read.
        by: who takes the step.
        why: the reason; needed to reject, and to promote against the rule.
    """

    proposal_id: str
    action: str
    base: str
    by: str
    why: str = ""
