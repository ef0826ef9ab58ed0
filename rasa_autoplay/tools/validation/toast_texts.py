"""Texts of toasts that are too long to be read at a glance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from rasa_autoplay.common.languages.text import texts_by_tag
from rasa_autoplay.engine.triggers.builtin_triggers import TEXTS_OF_NEXT_STEP
from rasa_autoplay.engine.triggers.types import PROACTIVE_BODY_MAX_CHARS
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.texts import TextMistake, read_text
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings

__all__ = ["check_toast_texts", "texts_of"]

_PLACEHOLDER = re.compile(r"\{\w+\}")


def check_toast_texts(file: YamlFile, settings: EngineSettings, findings: Findings) -> None:
    """Warn about each text of a trigger that is longer than a toast should be, without its placeholders."""
    for index, trigger in enumerate(settings.triggers):
        for key, text in _texts_in_languages(trigger):
            length = len(_PLACEHOLDER.sub("", text).strip())
            if length > PROACTIVE_BODY_MAX_CHARS:
                location: list[str | int] = ["triggers", index, *key]
                place = f"{file.path.name}:{file.line_of(location)}: {'.'.join(map(str, location))}"
                findings.warn(
                    f"{place}: the text has {length} characters. "
                    f"Users read a toast at a glance: write at most {PROACTIVE_BODY_MAX_CHARS}."
                )


def _texts_in_languages(trigger: TriggerSettings) -> Iterator[tuple[list[str | int], str]]:
    for key, text in texts_of(trigger):
        for tag, each in texts_by_tag(text):
            yield ([*key, tag] if tag else key), each


def texts_of(trigger: TriggerSettings) -> Iterator[tuple[list[str | int], str]]:
    """The bodies of a trigger and its variants, and the texts among its parameters, each with its place."""
    if trigger.body:
        yield ["body"], trigger.body
    for number, variant in enumerate(trigger.variants):
        yield ["variants", number, "body"], variant.body
    for name, value in trigger.parameters.items():
        if trigger.builtin == "next_step" and name in TEXTS_OF_NEXT_STEP:
            yield from _text_at([name], value)
        elif name == "section_playbook" and isinstance(value, Mapping):
            for key, text in value.items():
                yield from _text_at([name, str(key)], text)


def _text_at(place: list[str | int], value: object) -> Iterator[tuple[list[str | int], str]]:
    """Yield a parameter that is a text; parameters are unparsed."""
    if isinstance(value, (str, Mapping)):
        with suppress(TextMistake):
            yield place, read_text(value)
