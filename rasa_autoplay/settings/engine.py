"""``autoplay.yml``: how the engine behaves.

Looked for in the working directory, or where the environment variable ``AUTOPLAY_CONFIG`` says.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar, Literal

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.limits import NO_LIMITS, LimitSettings, TriggerLimitSettings
from rasa_autoplay.settings.models import Field, Settings, root_validator, validator
from rasa_autoplay.settings.renamed import AUTOPLAY_YML, Renamed
from rasa_autoplay.settings.shared import SharedSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = [
    "DatabaseSettings",
    "EngineSettings",
    "LlmSettings",
    "MemorySettings",
    "SessionSettings",
    "TriggerSettings",
    "WindowSettings",
    "find_engine_file",
]

CONFIG_VARIABLE = "AUTOPLAY_CONFIG"


class WindowSettings(Settings):
    """How much of a session's past the triggers see.

    Args:
        lookback: how far it reaches back, by the actions' own time.
        max_actions: of the actions within it, the newest this many.
    """

    lookback: Duration = 300.0
    max_actions: int = Field(default=200, ge=1, le=10_000)


class SessionSettings(Settings):
    """The FSM's times and the bounds of what is kept.

    Args:
        interaction_timeout: after an offer or a chat, so long without an interaction means: it is over.
        cooldown: after that, nothing is offered for so long.
        window: how much of a session's past the triggers see.
        idle_timeout: a session that is idle for so long is forgotten.
        max_sessions: more live sessions than this are not kept; the one idle longest goes first, but for
            those of a sender who holds more than 32.
    """

    interaction_timeout: Duration = 60.0
    cooldown: Duration = 120.0
    window: WindowSettings = WindowSettings()
    idle_timeout: Duration = 1800.0
    max_sessions: int = Field(default=100_000, ge=1)


class LlmSettings(Settings):
    """An OpenAI-compatible endpoint; the key is read from the environment, as the openai package does.

    Args:
        model: its name there.
        base_url: where it answers; otherwise as the openai package finds it.
        timeout: after that, the steps are sent as they are written.
        temperature: how free its words are.
        max_tokens: how long an answer can become.
        user_per_minute: answers in its words for one user; beyond that, the steps are sent as written.
        embedding_model: its name there; searches golden paths by meaning too. Words alone, unless said.
        summary_every: after this many actions it sums a session up; never, unless said.
        session_notes: true lets it write a sentence on each session that ended, for operators only.
        judge: true lets it veto an offer or shorten its words, after the rules have decided.
        judge_timeout: after that, an offer is made as the rules have decided.
    """

    model: str
    base_url: str | None = None
    timeout: Duration = 8.0
    temperature: float = Field(default=0.4, ge=0, le=2)
    max_tokens: int = Field(default=250, ge=1)
    user_per_minute: int = Field(default=20, ge=1)
    embedding_model: str | None = None
    summary_every: int | None = Field(default=None, ge=5)
    session_notes: bool = False
    judge: bool = False
    judge_timeout: Duration = 2.0


class DatabaseSettings(Settings):
    """Where user memory, offers and receipts are kept.

    Args:
        url: any SQLAlchemy URL; a relative SQLite file lies beside autoplay.yml.
    """

    # It can hold a password, which no repr may show.
    url: str = Field(default="sqlite:///autoplay.db", repr=False)


class MemorySettings(Settings):
    """What is remembered of users.

    Args:
        retention: what a session showed is forgotten so long after its end.
    """

    retention: Duration = 365 * 86_400.0


class TriggerTourSettings(Settings):
    """One of several tours of a trigger.

    Args:
        tour: id of the golden path whose tour it is.
        label: what the toast's button says; the golden path's own tour_label otherwise.
    """

    tour: str
    label: str | None = Field(default=None, min_length=1)


class TriggerSettings(Settings):
    """One trigger: a rule (``when``), one of ours (``builtin``), or the team's own code (``predicate``).

    A built-in has parameters of its own beside these keys; they are read where the built-in is known.

    Args:
        id: the trigger's name in logs and receipts; a built-in's own name when left out.
        when: the condition; docs/rules.md has the language.
        builtin: the name of one of ours.
        predicate: a Python function or trigger, "package.module:name".
        body: what the user is asked.
        golden_path: id of the workflow that is explained.
        tours: ids of the golden paths whose tours the toast offers, each with a label of its own if need be;
            the one of golden_path otherwise.
        reply_options: texts of more buttons. A button opens the chat, where the user says its text; Yes
            explains as Open chat does, and No closes the toast.
        offer_ttl: how long an offer waits for the user.
        interaction_timeout: how long the offer waits for an answer; the session's otherwise.
        cooldown: how long nothing is offered after it; the session's otherwise.
        courtesy: what holds for this trigger alone; docs/courtesy.md has the gates.
    """

    class Config:
        extra = "allow"

    id: str | None = None
    when: Any = None
    builtin: str | None = None
    predicate: str | None = None
    body: str | None = None
    golden_path: str | None = None
    tours: list[str | TriggerTourSettings] = Field(default_factory=list)
    reply_options: list[str] | None = None
    offer_ttl: Duration = 120.0
    interaction_timeout: Duration | None = None
    cooldown: Duration | None = None
    courtesy: TriggerLimitSettings = NO_LIMITS

    @root_validator(skip_on_failure=True)
    def _one_kind(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        kinds = [kind for kind in ("when", "builtin", "predicate") if values[kind] is not None]
        if len(kinds) != 1:
            raise ValueError(
                'a trigger is one of "when: …", "builtin: name" and "predicate: module:function"'
                + (f", not {' and '.join(kinds)}" if kinds else "")
            )
        if values["builtin"] is None and not values["id"]:
            raise ValueError(f'a trigger with "{kinds[0]}" needs an "id:", its name in logs and receipts')
        return values

    @property
    def parameters(self) -> dict[str, Any]:
        """What stands beside the keys that every trigger has, as it stands in the file."""
        return {name: value for name, value in self.__dict__.items() if name not in self.__fields__}


class EngineSettings(Settings):
    """How the engine behaves.

    Args:
        version: of this format.
        product_id: whose app; the same as in credentials.yml.
        session: the FSM's times and the bounds of what is kept.
        courtesy: what keeps help from being noise.
        triggers: when to speak, in order of priority.
        golden_paths: the folder of the workflows, one YAML file each, relative to this file.
        llm: rewords explanations; without it, the steps are sent as they are written.
        shared: joins several action servers and Rasa servers over Redis; without it, one works with one.
        database: where user memory, offers and receipts are kept.
        memory: what is remembered of users.
        evaluate_timeout: how long an async trigger may take; after that it counts as not fired.
        poll_interval: how often a predicate that cannot say when to be asked is asked again.
        on_actions: a Python function, "package.module:name", that sees every batch in the engine.
        on_actions_timeout: how long it may take for a batch, if it is a coroutine function.
    """

    renamed: ClassVar[tuple[Renamed, ...]] = AUTOPLAY_YML

    version: Literal["1"] = "1"
    product_id: str = Field(default=..., min_length=1)
    session: SessionSettings = SessionSettings()
    courtesy: LimitSettings = LimitSettings()
    triggers: list[TriggerSettings] = Field(default_factory=list)
    golden_paths: str | None = None
    llm: LlmSettings | None = None
    shared: SharedSettings | None = None
    database: DatabaseSettings = DatabaseSettings()
    memory: MemorySettings = MemorySettings()
    evaluate_timeout: Duration = 1.0
    poll_interval: Duration = 10.0
    on_actions: str | None = None
    on_actions_timeout: Duration = 5.0

    @validator("on_actions_timeout")
    def _time_for_the_hook(cls, value: float) -> float:  # noqa: N805 - pydantic's form
        if value <= 0:
            raise ValueError('the hook needs some time: write more than 0, for example "5s"')
        return value

    @validator("poll_interval")
    def _not_at_once(cls, value: float) -> float:  # noqa: N805 - pydantic's form
        if value <= 0:
            raise ValueError('a predicate cannot be asked all the time: write more than 0, for example "10s"')
        return value

    @validator("evaluate_timeout")
    def _some_time(cls, value: float) -> float:  # noqa: N805 - pydantic's form
        if value <= 0:
            raise ValueError('an async trigger needs some time: write more than 0, for example "1s"')
        return value


def find_engine_file() -> YamlFile:
    """Open ``autoplay.yml``.

    Raises:
        ConfigError: it is not there, or not readable.
    """
    path = Path(os.environ.get(CONFIG_VARIABLE) or "autoplay.yml")
    if not path.exists():
        raise ConfigError(
            f"{path}: there is no such file here.",
            remedy="Go to the project's folder, let `rasa-autoplay init` make one, or say where it is in "
            f"{CONFIG_VARIABLE}.",
        )
    return YamlFile(path)
