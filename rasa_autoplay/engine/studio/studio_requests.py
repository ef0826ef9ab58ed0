"""The parts of the engine that answer the studio's requests."""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.engine.freshness.confirm_requests import ConfirmRequests
from rasa_autoplay.engine.path_drafts.path_drafts import PathDrafts
from rasa_autoplay.engine.replay.recordings import Recordings
from rasa_autoplay.engine.rule_editor.rule_editor import RuleEditor
from rasa_autoplay.engine.studio.live_sessions import LiveSessions
from rasa_autoplay.engine.studio.paths import PathViews
from rasa_autoplay.engine.studio.pause_requests import PauseRequests
from rasa_autoplay.engine.studio.people import PeopleRequests
from rasa_autoplay.engine.studio.proposals import ProposalRequests
from rasa_autoplay.engine.studio.silence import SilenceRequests
from rasa_autoplay.engine.studio.triggers import TriggerViews

__all__ = ["StudioRequests"]


class StudioRequests(NamedTuple):
    """The parts that answer the studio."""

    people: PeopleRequests
    triggers: TriggerViews
    pauses: PauseRequests
    golden_paths: PathViews
    confirmations: ConfirmRequests
    recordings: Recordings
    sessions: LiveSessions
    silence: SilenceRequests
    rules: RuleEditor
    path_drafts: PathDrafts
    proposals: ProposalRequests
