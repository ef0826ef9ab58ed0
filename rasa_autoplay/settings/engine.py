"""``autoplay.yml``: how the engine behaves.

The file is in the working directory, or at the path in the environment variable ``AUTOPLAY_CONFIG``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Literal

from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.discovery import DiscoverySettings
from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.limits import LimitSettings
from rasa_autoplay.settings.llm import LlmSettings
from rasa_autoplay.settings.models import Field, Settings, validator
from rasa_autoplay.settings.outcomes import OutcomeSettings
from rasa_autoplay.settings.renamed import AUTOPLAY_YML, Renamed
from rasa_autoplay.settings.rollout import HoldoutSettings
from rasa_autoplay.settings.shared import SharedSettings
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = [
    "DatabaseSettings",
    "EngineSettings",
    "MemorySettings",
    "RecordingSettings",
    "SessionSettings",
    "StudioSettings",
    "WindowSettings",
    "find_engine_file",
]

CONFIG_VARIABLE = "AUTOPLAY_CONFIG"


class WindowSettings(Settings):
    """How much of a session's past the triggers see.

    Args:
        lookback: how far back triggers see, by the actions' own time.
        max_actions: how many of the newest actions within it triggers see.
    """

    lookback: Duration = 300.0
    max_actions: int = Field(default=200, ge=1, le=10_000)


class SessionSettings(Settings):
    """The session state machine's timeouts and the limits of what is kept.

    Args:
        interaction_timeout: an offer or a chat ends after this long without an interaction.
        cooldown: how long after that nothing is offered.
        window: how much of a session's past the triggers see.
        idle_timeout: a session is dropped after being idle for this long.
        max_sessions: how many live sessions are kept. Beyond that, the one that has been idle longest is
            dropped; sessions of a sender who holds more than 32 are dropped before all others.
    """

    interaction_timeout: Duration = 60.0
    cooldown: Duration = 120.0
    window: WindowSettings = WindowSettings()
    idle_timeout: Duration = 1800.0
    max_sessions: int = Field(default=100_000, ge=1)


class DatabaseSettings(Settings):
    """Where user memory, offers and receipts are stored.

    Args:
        url: any SQLAlchemy URL; the path of an SQLite file is relative to the folder of autoplay.yml.
    """

    # The URL can contain a password, which no repr may show.
    url: str = Field(default="sqlite:///autoplay.db", repr=False)


class MemorySettings(Settings):
    """What is remembered about users.

    Args:
        retention: how long after its end a session is remembered.
    """

    retention: Duration = 365 * 86_400.0


class RecordingSettings(Settings):
    """Which sessions are recorded in the database, masked, for the studio and for simulations.

    Args:
        keep: how long a session is recorded.
        max_actions: how many actions, decisions and other events are kept at most. Beyond that, the oldest
            are deleted, and health says so.
    """

    keep: Duration = 7 * 86_400.0
    max_actions: int = Field(default=1_000_000, ge=1_000)

    @validator("keep")
    def _is_positive(cls, value: float) -> float:  # noqa: N805 - pydantic's form
        if value <= 0:
            raise ValueError('must be more than 0, for example "7d"')
        return value


class StudioSettings(Settings):
    """The studio, the page for operators.

    Args:
        write: true lets operators write changed rules into autoplay.yml; by default, they download them.
    """

    write: bool = False


class EngineSettings(Settings):
    """How the engine behaves.

    Args:
        version: the version of the file format.
        product_id: the app's id; the same as in credentials.yml.
        language: the bot's own language, such as ``en`` or ``pt-BR``. Users get it if neither their page nor
            their browser names a language in which the texts exist.
        session: the session state machine's timeouts and the limits of what is kept.
        courtesy: the limits that keep help from becoming noise.
        triggers: when to make an offer, in order of priority.
        holdout: users who never get an offer; docs/rollout.md explains what they are good for.
        golden_paths: the folder of the golden paths, one YAML file each, relative to this file.
        llm: the language model that rewords explanations; without it, the steps are sent as written.
        shared: connects several action servers and Rasa servers through Redis; without it, there is one of
            each.
        database: where user memory, offers and receipts are stored.
        memory: what is remembered about users.
        studio: the page for operators.
        recording: records sessions for the studio and for simulations; without it, nothing is recorded.
        outcomes: who is told what became of each offer; without it, nobody.
        discover: proposals of triggers that come from recordings; docs/discover.md explains them.
        evaluate_timeout: how long an async trigger may take; after that, it counts as not fired.
        poll_interval: how often to evaluate a predicate that does not say when it can change.
        on_actions: a Python function, "package.module:name", that receives every batch in the engine. If it
            has a second parameter, it gets the copilot, with which it can make offers.
        on_actions_timeout: how long it may take for a batch, if it is a coroutine function.
        tracing: true sends a trace of each offer by OpenTelemetry; docs/tracing.md explains it.
    """

    renamed: ClassVar[tuple[Renamed, ...]] = AUTOPLAY_YML

    version: Literal["1"] = "1"
    product_id: str = Field(default=..., min_length=1)
    language: str = "en"
    session: SessionSettings = SessionSettings()
    courtesy: LimitSettings = LimitSettings()
    triggers: list[TriggerSettings] = Field(default_factory=list)
    holdout: HoldoutSettings | None = None
    golden_paths: str | None = None
    llm: LlmSettings | None = None
    shared: SharedSettings | None = None
    database: DatabaseSettings = DatabaseSettings()
    memory: MemorySettings = MemorySettings()
    studio: StudioSettings = StudioSettings()
    recording: RecordingSettings | None = None
    outcomes: OutcomeSettings | None = None
    discover: DiscoverySettings = DiscoverySettings()
    evaluate_timeout: Duration = 1.0
    poll_interval: Duration = 10.0
    on_actions: str | None = None
    on_actions_timeout: Duration = 5.0
    tracing: bool = False

    @validator("language")
    def _is_a_tag(cls, value: str) -> str:  # noqa: N805 - pydantic's form
        tag = canonical_tag(value)
        if tag is None:
            raise ValueError(f'{value!r:.40} is no language; write a tag such as "en", "de" or "pt-BR"')
        return tag

    @validator("evaluate_timeout", "poll_interval", "on_actions_timeout")
    def _is_positive(cls, value: float) -> float:  # noqa: N805 - pydantic's form
        if value <= 0:
            raise ValueError('must be more than 0, for example "5s"')
        return value


def find_engine_file() -> YamlFile:
    """Open ``autoplay.yml``.

    Raises:
        ConfigError: the file is missing or cannot be read.
    """
    path = Path(os.environ.get(CONFIG_VARIABLE) or "autoplay.yml")
    if not path.exists():
        raise ConfigError(
            f"{path}: there is no such file here.",
            remedy="Go to the project's folder, create the file with `rasa-autoplay init`, or set "
            f"{CONFIG_VARIABLE} to its path.",
        )
    return YamlFile(path)
