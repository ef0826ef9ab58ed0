"""Texts of toasts that are too long to be read at a glance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rasa_autoplay.engine.triggers.types import PROACTIVE_BODY_MAX_CHARS
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings

__all__ = ["check_toast_texts"]

_PLACEHOLDER = re.compile(r"\{\w+\}")


def check_toast_texts(file: YamlFile, settings: EngineSettings, findings: Findings) -> None:
    """Warn about each text of a trigger that is longer than a toast should be, without its placeholders."""
    for index, trigger in enumerate(settings.triggers):
        for key, text in _texts(trigger):
            length = len(_PLACEHOLDER.sub("", text).strip())
            if length > PROACTIVE_BODY_MAX_CHARS:
                location: list[str | int] = ["triggers", index, *key]
                place = f"{file.path.name}:{file.line_of(location)}: {'.'.join(map(str, location))}"
                findings.warn(
                    f"{place}: the text has {length} characters. "
                    f"Users read a toast at a glance: write at most {PROACTIVE_BODY_MAX_CHARS}."
                )


def _texts(trigger: TriggerSettings) -> Iterator[tuple[list[str | int], str]]:
    """The bodies of a trigger and its variants, and the texts among its parameters, each with its place."""
    if trigger.body:
        yield ["body"], trigger.body
    for number, variant in enumerate(trigger.variants):
        yield ["variants", number, "body"], variant.body
    for name, value in trigger.parameters.items():
        if trigger.builtin == "next_step" and isinstance(value, str):
            yield [name], value
        elif isinstance(value, Mapping):
            for key, text in value.items():
                if isinstance(text, str):
                    yield [name, str(key)], text
