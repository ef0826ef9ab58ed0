"""The engine's answers to requests (:mod:`rasa_autoplay.link.request_types`): one struct for each."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = [
    "Acknowledged",
    "AssistantText",
    "ChatOwner",
    "EngineHealth",
    "FollowUpText",
    "GoldenPathFound",
    "GoldenPathsFound",
    "JsonObject",
    "KnowledgeFound",
    "Moments",
    "OfferFound",
    "OffersFound",
    "PausesChanged",
    "PeopleFound",
    "PersonFound",
    "Question",
    "ReplyText",
    "ResultsFound",
    "RuleEdited",
    "SessionsFound",
    "SilenceFound",
    "StepConfirmed",
    "StepText",
    "TourOrdered",
    "TourReported",
    "TourStarted",
    "TourStepped",
    "TriggerFound",
    "TriggersFound",
    "UserDeleted",
    "UserExplained",
    "UserExported",
    "UserMemoryFound",
]

#: A JSON object whose form is defined elsewhere: in docs, or by the vendor.
JsonObject = dict[str, object]


class Acknowledged(msgspec.Struct, frozen=True):
    """The receipt is durable."""

    status: Literal["ok"] = "ok"


class TourStarted(msgspec.Struct, frozen=True):
    """The tour to show; ``flow_id`` is the provider's id of it.

    ``done`` has the ids of the steps that the user has done already.
    """

    flow_id: str
    tour_id: str
    done: list[str] | msgspec.UnsetType = msgspec.UNSET
    status: Literal["ok"] = "ok"


class TourReported(msgspec.Struct, frozen=True):
    """Whether the user of a tour has a live session."""

    status: Literal["ok", "no_session"]


class TourStepped(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the tour's user has a live session and, if asked, whether the golden path includes a page."""

    status: Literal["ok", "no_session", ""] = ""
    on_path: bool | None = None


class Question(msgspec.Struct, frozen=True):
    """Bubble 1; ``offer_id`` is empty if the text is the trigger's and no offer was made."""

    offer_id: str
    trigger_id: str
    body: str


class FollowUpText(msgspec.Struct, frozen=True):
    """Bubble 2; the text is empty if there is nothing to explain.

    Args:
        text: the explanation.
        source: ``llm``, ``steps`` or ``none``.
        tour_id: the tour that shows the same on the user's page; empty if there is none.
        button: the text of the button that starts it.
    """

    text: str
    source: str
    tour_id: str = ""
    button: str = ""


class StepText(msgspec.Struct, frozen=True):
    """One step of a workflow, for the chat; both are empty if there is no further step."""

    text: str
    step: str


class TourOrdered(msgspec.Struct, frozen=True):
    """The bot's answer to a user who asks for a tour; ``title`` is what the button says."""

    text: str
    title: str


class ReplyText(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer; ``reply`` repeats the text under the vendor API's name.

    The other fields are those of :class:`FollowUpText`.
    """

    text: str
    source: str
    reply: str
    tour_id: str = ""
    button: str = ""


class AssistantText(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bot says to a question; empty if it has nothing to say.

    The fields are those of :class:`FollowUpText`.
    """

    text: str
    source: str
    tour_id: str = ""
    button: str = ""


class KnowledgeFound(msgspec.Struct, frozen=True):
    """The golden paths that match, best first."""

    results: list[JsonObject]


class UserExplained(msgspec.Struct, frozen=True):
    """Why each trigger fired or did not; see ``engine.decisions.trigger_explainer``."""

    explanation: JsonObject


class UserMemoryFound(msgspec.Struct, frozen=True):
    """What is remembered of a user, in the vendor's form."""

    memory: JsonObject


class OfferFound(msgspec.Struct, frozen=True):
    """An offer with its timeline; see :class:`rasa_autoplay.engine.offers.timeline.OfferTimeline`."""

    offer: JsonObject


class OffersFound(msgspec.Struct, frozen=True):
    """A user's offers, newest first."""

    offers: list[JsonObject]


class SessionsFound(msgspec.Struct, frozen=True):
    """Live sessions of one engine, newest first.

    Args:
        at: when they were read, epoch seconds.
        sessions: see ``engine.studio.live_sessions``.
        total: how many live sessions the engine has; 0 if only some were asked for.
    """

    at: float
    sessions: list[dict[str, Any]]
    total: int = 0


class SilenceFound(msgspec.Struct, frozen=True):
    """What kept the triggers silent today; see ``engine.studio.silence``."""

    silence: JsonObject


class PeopleFound(msgspec.Struct, frozen=True):
    """The users that a search has found; see ``engine.studio.people``."""

    people: JsonObject


class PersonFound(msgspec.Struct, frozen=True):
    """What the studio shows of a user; see ``engine.studio.people``."""

    person: JsonObject


class UserExported(msgspec.Struct, frozen=True):
    """All that is stored about a user."""

    export: JsonObject


class UserDeleted(msgspec.Struct, frozen=True):
    """How many rows of each kind were deleted; ``fingerprint`` stands for the user in the log of changes."""

    deleted: dict[str, int]
    fingerprint: str


class ResultsFound(msgspec.Struct, frozen=True):
    """What the offers change; see ``engine.results.report``."""

    results: JsonObject


class RecordingsFound(msgspec.Struct, frozen=True):
    """A user's recorded sessions; see ``engine.replay.recordings``."""

    recordings: JsonObject


class TimelineFound(msgspec.Struct, frozen=True):
    """What happened in a recorded session; see ``engine.replay.recordings``."""

    timeline: JsonObject


class NearnessFound(msgspec.Struct, frozen=True):
    """How near each trigger was to firing; see ``engine.replay.nearness``."""

    nearness: JsonObject


class RuleEdited(msgspec.Struct, frozen=True):
    """What the rule editor answers; see ``engine.rule_editor``."""

    answer: JsonObject


class Moments(msgspec.Struct, frozen=True):
    """What a watcher has not received yet.

    Args:
        moments: each has ``kind``, ``at``, ``user_id``, ``session_id`` and the fields of its kind.
        lost: how many earlier ones were left out because this watcher was slow.
        begun: whether this request began the watch.
    """

    moments: list[JsonObject]
    lost: int = 0
    begun: bool = False


class ChatOwner(msgspec.Struct, frozen=True):
    """The owner of a chat session; empty if there is none."""

    user_id: str


class EngineHealth(msgspec.Struct, frozen=True):
    """State and counts, without secrets."""

    health: JsonObject


class TriggersFound(msgspec.Struct, frozen=True):
    """All triggers; see ``engine.studio.triggers``."""

    triggers: JsonObject


class TriggerFound(msgspec.Struct, frozen=True):
    """One trigger with its rule in words and its toasts; see ``engine.studio.triggers``."""

    trigger: JsonObject


class PausesChanged(msgspec.Struct, frozen=True):
    """The pauses in force after a change; ``has_changed`` is False if it was so before."""

    has_changed: bool
    pauses: list[JsonObject]


class StepConfirmed(msgspec.Struct, frozen=True):
    """A step of a golden path was confirmed; ``has_changed`` is False if it was not suspect.

    ``text`` says for people what follows.
    """

    has_changed: bool
    text: str


class GoldenPathsFound(msgspec.Struct, frozen=True):
    """All golden paths with their figures; see ``engine.studio.paths``."""

    golden_paths: JsonObject


class GoldenPathFound(msgspec.Struct, frozen=True):
    """One golden path with its figures and previews; see ``engine.studio.paths``."""

    golden_path: JsonObject
