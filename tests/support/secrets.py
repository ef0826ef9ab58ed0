"""The labelled sets of secrets and look-alikes (``tests/sets``), and how the masks treat each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rasa_autoplay.events.masking import mask_text, mask_url
from rasa_autoplay.events.user_properties import storable_properties
from support.labelled_sets import SETS, read

__all__ = ["LANGUAGES", "Example", "look_alikes", "second_set", "secrets", "spot_check"]

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ja")
_MARKED = re.compile("⟦(.*?)⟧", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One text of a set.

    Args:
        way: ``text``, ``url`` or ``property`` (``name=value``).
        secrets: the parts that must be masked; empty for a look-alike.
    """

    kind: str
    way: str
    language: str
    text: str
    secrets: tuple[str, ...] = ()

    def masked(self) -> str:
        """The text as the engine would store it."""
        if self.way == "url":
            return mask_url(self.text)
        if self.way == "text":
            return mask_text(self.text)
        name, _, value = self.text.partition("=")
        return "".join(f"{name}={value}" for name, value in storable_properties({name: value}).items())

    @property
    def is_masked(self) -> bool:
        """Whether each of its secrets was masked; for a look-alike, whether anything changed."""
        masked = self.masked()
        if self.secrets:
            return not any(secret in masked for secret in self.secrets)
        return masked != self.text


def secrets(file: str = "secrets.yml") -> list[Example]:
    return _examples(file)


def look_alikes(file: str = "look-alikes.yml") -> list[Example]:
    return _examples(file)


def second_set(part: str, file: str = "masks-second.yml") -> list[Example]:
    """Return the set by a second author: ``secrets`` or ``look_alikes``."""
    return [
        Example(
            "second",
            entry["kind"],
            entry["lang"],
            (f"{entry['name']}=" if "name" in entry else "") + entry["value"].replace("~", ""),
            tuple(secret.replace("~", "") for secret in entry.get("secret", ())),
        )
        for entry in read(SETS / file)[part]
    ]


def spot_check(part: str) -> list[Example]:
    """Return the set that no mask was tuned on: ``secrets`` or ``look_alikes``."""
    return second_set(part, "masks-spot-check.yml")


def _examples(file: str) -> list[Example]:
    return [
        _example(group["kind"], group["in"], language, text.replace("~", ""))
        for group in read(SETS / file)
        for language, texts in group.items()
        if language not in ("kind", "in")
        for text in texts
    ]


def _example(kind: str, way: str, language: str, marked: str) -> Example:
    return Example(kind, way, language, _MARKED.sub(r"\1", marked), tuple(_MARKED.findall(marked)))
