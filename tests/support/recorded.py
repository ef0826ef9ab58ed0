"""Writes recordings in the connector's format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.events.models import SlimAction
from support.engine_parts import T0, batch

__all__ = ["line", "moments", "offsets", "simulate", "write"]


def line(*actions: SlimAction, **fields: Any) -> str:
    """Return a batch as one line."""
    return msgspec.json.encode(batch(*actions, **fields)).decode()


def write(file: Path, *lines: str | dict[str, Any]) -> Path:
    """Write a recording of these lines."""
    texts = [text if isinstance(text, str) else json.dumps(text) for text in lines]
    file.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    return file


def moments(*actions: SlimAction, **fields: Any) -> list[Moment]:
    """Return actions as a recording yields them."""
    return [(action.timestamp_start, batch(action, **fields), "stream") for action in actions]


def simulate(
    what: Sequence[Moment],
    triggers: Sequence[ConfiguredTrigger],
    settings: Any,
    assumptions: Assumptions | None = None,
) -> Outcome:
    """Replay moments in order of time."""
    configuration = Configuration("autoplay.yml", settings, list(triggers), [], TourCatalogue([]))
    in_order = sorted(what, key=lambda moment: moment[0])
    return replay(in_order, configuration, assumptions or Assumptions())


def offsets(found: Sequence[Any]) -> list[float]:
    """Return times in seconds after T0."""
    return [round(one.at - T0, 3) for one in found]
