"""Fingerprints of the channel's section of ``credentials.yml``, from which no secret can be guessed."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from rasa_autoplay.settings.channel import ChannelSettings
from rasa_autoplay.settings.fingerprints import fingerprint_of, without_passwords
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.secret import Secret

__all__ = ["fingerprints_of_channel"]

_VARIABLE = re.compile(r"\$\{\w+\}")
_HIDDEN = "(secret)"
#: A key that a person has thought up could be found by trying.
_MIN_KEY_LENGTH = 32
_LENGTH = 12


def fingerprints_of_channel(section: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return ``fingerprint``, and ``secrets`` if the section has secrets in plain text and the key is long.

    ``fingerprint`` covers everything but secrets; of these, only whether they are set, or the names of their
    variables. ``secrets`` is an HMAC of the secrets.

    Args:
        section: the section, with its variables unexpanded.
        key: the link's secret, which both the Rasa server and the doctor know; empty if there is none.
    """
    secrets: dict[str, object] = {}
    public = _without_secrets(section, ChannelSettings, "", secrets)
    found = {"fingerprint": fingerprint_of(public)}
    if secrets and len(key) >= _MIN_KEY_LENGTH:
        text = json.dumps(secrets, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
        found["secrets"] = hmac.new(key.encode(), text, hashlib.sha256).hexdigest()[:_LENGTH]
    return found


def _without_secrets(
    section: Mapping[str, Any], model: type[Settings], place: str, secrets: dict[str, object]
) -> dict[str, Any]:
    """Return a section without its secrets, which are added to ``secrets`` by their place."""
    public: dict[str, Any] = {}
    for key, value in section.items():
        field = model.__fields__.get(key)
        kind = field.type_ if field is not None else None
        if kind is Secret:
            public[key] = _hidden(value, f"{place}{key}", secrets)
        elif isinstance(value, Mapping) and isinstance(kind, type) and issubclass(kind, Settings):
            public[key] = _without_secrets(value, kind, f"{place}{key}.", secrets)
        else:
            public[key] = without_passwords(value)
    return public


def _hidden(value: object, place: str, secrets: dict[str, object]) -> object:
    if isinstance(value, (list, tuple)):
        return [_hidden(each, f"{place}.{number}", secrets) for number, each in enumerate(value)]
    if not value or (isinstance(value, str) and _VARIABLE.fullmatch(value)):
        return value
    secrets[place] = value
    return _HIDDEN
