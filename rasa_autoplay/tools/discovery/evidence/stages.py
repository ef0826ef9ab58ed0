"""Which proposals discover may write: drafts only, and none that a person has rejected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.proposals.proposal_folder import ProposalFolder
from rasa_autoplay.engine.proposals.stage import Stage, entry_of, stage_of
from rasa_autoplay.errors import ConfigError

__all__ = ["why_left_alone"]


def why_left_alone(root: Path, proposal_id: str, autoplay: Mapping[str, Any]) -> str:
    """Say why a proposal is not written.

    Args:
        root: the folder of proposals.
        proposal_id: the proposal's id.
        autoplay: ``autoplay.yml`` as plain data.

    Returns:
        A reason for people; empty if the proposal can be written.
    """
    entry = entry_of(autoplay.get("triggers"), proposal_id)
    try:
        stage = stage_of(entry)
    except ValueError:
        return "its rollout in autoplay.yml is wrong"
    if stage is not Stage.DRAFT:
        return f"it is beyond draft: its stage is {stage.value}"
    if entry is not None:
        return "its trigger is in autoplay.yml and switched off"
    if not (root / proposal_id).exists():
        return ""
    try:
        rejection = ProposalFolder(root).read(proposal_id).rejection
    except ConfigError as problem:
        return f"its folder cannot be read: {problem.message.rstrip('.')}"
    return f"it was rejected: {rejection.why}" if rejection is not None else ""
