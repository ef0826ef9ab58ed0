"""The engine that runs in this process, which the bot's actions ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from rasa_autoplay.engine.assistant_calls import AssistantCalls
from rasa_autoplay.settings.secret import Secret

__all__ = ["RunningEngine", "register", "running_engine", "unregister"]


@dataclass(frozen=True, eq=False)
class RunningEngine:
    """What the actions use of a running engine.

    Args:
        answers: answers users' questions.
        secret: signs the messages and texts that the Rasa server vouches for.
    """

    answers: AssistantCalls
    secret: Secret = field(repr=False)


#: Action objects cannot hold the engine, because some versions of rasa_sdk pickle them.
_running: list[RunningEngine] = []


def running_engine() -> RunningEngine | None:
    """Return the engine of this process; None if none runs."""
    return _running[-1] if _running else None


def register(engine: RunningEngine) -> None:
    """Let the actions of this process use an engine that has started."""
    _running.append(engine)


def unregister(engine: RunningEngine) -> None:
    """Let the actions use an engine no longer, because it stops."""
    _running.remove(engine)
