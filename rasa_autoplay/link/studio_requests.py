"""What the gateway asks the engine for the studio."""

from __future__ import annotations

from rasa_autoplay.link.answers import (
    GoldenPathFound,
    GoldenPathsFound,
    NearnessFound,
    PausesChanged,
    PeopleFound,
    PersonFound,
    RecordingsFound,
    SessionsFound,
    SilenceFound,
    StepConfirmed,
    TimelineFound,
    TriggerFound,
    TriggersFound,
    UserDeleted,
    UserExplained,
    UserExported,
)
from rasa_autoplay.link.request_types import EngineRequest, UserRequest

__all__ = [
    "ChangePause",
    "ConfirmStep",
    "DeleteUser",
    "DescribeSessions",
    "ExplainMoment",
    "ExportUser",
    "FindGoldenPath",
    "FindGoldenPaths",
    "FindNearness",
    "FindPeople",
    "FindPerson",
    "FindRecordings",
    "FindSilence",
    "FindTimeline",
    "FindTrigger",
    "FindTriggers",
    "ListSessions",
]


class ListSessions(EngineRequest[SessionsFound], tag="list_sessions", frozen=True):
    """List live sessions, those active last first; the first ``details`` of them with details."""

    limit: int
    details: int


class DescribeSessions(EngineRequest[SessionsFound], tag="describe_sessions", frozen=True):
    """Get the details of live sessions."""

    session_ids: list[str]


class FindSilence(EngineRequest[SilenceFound], tag="silence", frozen=True):
    """Get how often each trigger fired today, and which gates kept it silent."""


class FindPeople(EngineRequest[PeopleFound], tag="people", frozen=True):
    """Find users, at most ``limit``; the arguments are those of ``engine.studio.people``."""

    query: str = ""
    state: str = ""
    path_id: str = ""
    limit: int = 50


class FindPerson(UserRequest[PersonFound], tag="person", frozen=True):
    """Get what the studio shows of this user, with the actions that prove each step of a workflow."""

    product_id: str


class ExportUser(UserRequest[UserExported], tag="export_user", frozen=True):
    """Get all that is stored about this user; ``by`` is the person who asks, for the log of changes."""

    product_id: str
    by: str


class DeleteUser(UserRequest[UserDeleted], tag="delete_user", frozen=True):
    """Delete all that is stored about this user, and the live sessions; ``by`` is the person who does it."""

    product_id: str
    by: str


class FindRecordings(EngineRequest[RecordingsFound], tag="recordings", frozen=True):
    """Get a user's recorded sessions; any engine can answer."""

    user_id: str
    product_id: str


class FindTimeline(EngineRequest[TimelineFound], tag="timeline", frozen=True):
    """Get what happened in a recorded session; any engine can answer."""

    user_id: str
    product_id: str
    session_id: str


class FindNearness(EngineRequest[NearnessFound], tag="nearness", frozen=True):
    """Get how near each trigger was to firing, in ``columns`` equal parts of a recorded session."""

    user_id: str
    product_id: str
    session_id: str
    columns: int


class ExplainMoment(EngineRequest[UserExplained], tag="explain_moment", frozen=True):
    """Explain why each trigger fired or did not fire at a past moment; any engine can answer.

    Args:
        user_id: the user.
        session_id: the session; empty for the one that was active last at that time.
        at: epoch seconds; 0 for now.
    """

    user_id: str
    session_id: str = ""
    at: float = 0.0


class FindTriggers(EngineRequest[TriggersFound], tag="triggers", frozen=True):
    """Get all triggers, and what is paused."""


class FindTrigger(EngineRequest[TriggerFound], tag="trigger", frozen=True):
    """Get one trigger: its rule in words, its limits, and its toasts."""

    trigger_id: str


class ChangePause(EngineRequest[PausesChanged], tag="change_pause", frozen=True):
    """Pause or resume a trigger, as ``rasa-autoplay pause`` and ``resume`` do.

    Args:
        action: ``pause`` or ``resume``.
        trigger_id: the trigger; empty for all of them.
        who: the person who does it.
        why: the reason; may be empty to resume.
    """

    action: str
    trigger_id: str
    who: str
    why: str = ""


class ConfirmStep(EngineRequest[StepConfirmed], tag="confirm_step", frozen=True):
    """Confirm that a suspect step is right as it is, as ``rasa-autoplay confirm`` does.

    Args:
        path_id: the golden path.
        step_id: one of its steps.
        who: the person who confirms.
        why: the reason; may be empty.
    """

    path_id: str
    step_id: str
    who: str
    why: str = ""


class FindGoldenPaths(EngineRequest[GoldenPathsFound], tag="golden_paths", frozen=True):
    """Get all golden paths, with who has mastered them."""


class FindGoldenPath(EngineRequest[GoldenPathFound], tag="golden_path", frozen=True):
    """Get one golden path, with its figures and what users see of it."""

    path_id: str
