"""Fingerprints of configuration files: they show whether two versions are the same, and tell no secret."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

__all__ = ["fingerprint_of", "without_passwords"]

_LENGTH = 12
#: The user and password of a URL.
_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]*@")


def fingerprint_of(content: Any) -> str:
    """Return the first 12 hexadecimal digits of the SHA-256 of a file's content.

    Args:
        content: plain mappings, lists and scalars without secrets. The order of keys does not count.
    """
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def without_passwords(content: Any) -> Any:
    """Return the content with the users and passwords of all URLs left out."""
    if isinstance(content, dict):
        return {key: without_passwords(value) for key, value in content.items()}
    if isinstance(content, list):
        return [without_passwords(value) for value in content]
    return _USER_INFO.sub("", content) if isinstance(content, str) else content
