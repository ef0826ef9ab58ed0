"""Rules as in ``autoplay.yml``, and contexts to evaluate them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.knowledge.user_progress import (
    NextStep,
    PathPosition,
    WorkflowFailures,
    WorkflowMemory,
)
from rasa_autoplay.engine.sessions.files_version import StepIds
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.events.user_properties import PropertyValue
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["PATHS", "T0", "KnownFollower", "KnownPaths", "KnownUser", "asked", "did", "rule", "triggers"]

T0 = 1_700_000_000.0
PATHS = ("export", "first-report", "invite-team")
PAGE = "https://app.example.com/projects"


def triggers(folder: Path, entries: str, head: str = "product_id: demo") -> list[ConfiguredTrigger]:
    """Return the triggers of a file; the first entry is on line 3."""
    file = folder / "autoplay.yml"
    file.write_text(f"{head}\ntriggers:\n{entries}", encoding="utf-8")
    yaml = YamlFile(file)
    return load_triggers(yaml.read(EngineSettings), PATHS, yaml)


def rule(folder: Path, when: str, body: str = "May I?", head: str = "product_id: demo") -> ConfiguredTrigger:
    """Return one rule; ``when`` in YAML's flow style, or indented by six."""
    (only,) = triggers(folder, f"  - id: it\n    body: {body}\n    when: {when}\n", head)
    return only


def did(title: str, at: float, page: str = PAGE, **fields: Any) -> SlimAction:
    """Return a user's action ``at`` seconds after T0."""
    fields.setdefault("type", "click")
    fields.setdefault("timestamp_end", T0 + at)
    return SlimAction(title, f"User: {title}", page, timestamp_start=T0 + at, **fields)


def asked(actions: Sequence[SlimAction], now: float = 0.0, **extra: Any) -> ProactiveTriggerContext:
    """Return a context as of ``now`` seconds after T0."""
    return ProactiveTriggerContext(
        recent_actions=tuple(actions), context_extra={"eval_now": T0 + now, **extra}
    )


@dataclass
class KnownUser:
    """A user as memory knows them."""

    properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    previous_visit_at: float | None = None
    workflows: Mapping[str, WorkflowMemory] = field(default_factory=dict)
    session_summaries: tuple[str, ...] = ()


@dataclass
class KnownPaths:
    """A session's progress."""

    positions: Mapping[str, PathPosition] = field(default_factory=dict)
    failures: Mapping[str, WorkflowFailures] = field(default_factory=dict)
    next_step: NextStep | None = None

    @property
    def gaps(self) -> Sequence[NextStep]:
        """Return the one next step."""
        return [] if self.next_step is None else [self.next_step]

    def completed_after(self, _path_id: str, _after: float) -> None:
        """Return None: nothing was completed."""


@dataclass
class KnownFollower:
    """A stand-in for memory: the same for every user and session."""

    user: KnownUser | None
    paths: KnownPaths | None

    def observe(self, _session: Session, _actions: Sequence[SlimAction]) -> None:
        """Ignore actions."""

    def on_session_ended(self, _session: Session) -> None:
        """Ignore the end of a session."""

    def user_history(self, _session: Session) -> KnownUser | None:
        """Return the user's history."""
        return self.user

    def carry_over(self, _session: Session, _step_ids: StepIds | None) -> None: ...

    def workflow_progress(self, _session: Session) -> KnownPaths | None:
        """Return the session's progress."""
        return self.paths
