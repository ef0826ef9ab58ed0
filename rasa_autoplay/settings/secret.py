"""A string that must never be shown, such as a password."""

from __future__ import annotations

import hmac
from typing import Any

__all__ = ["Secret", "read_secret"]


class Secret:
    """Holds a password, token or key; its repr and its string form hide the value.

    Args:
        value: the secret; empty if it is not set.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret('**********')" if self._value else "Secret('')"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self), _bytes(other))

    def __hash__(self) -> int:
        return hash(self._value)

    @classmethod
    def __modify_schema__(cls, schema: dict[str, Any]) -> None:
        """Tell pydantic that a secret is a string in the file."""
        schema.update(type="string")

    def reveal(self) -> str:
        """Return the secret itself, for code that sends or compares it."""
        return self._value

    def matches(self, presented: str) -> bool:
        """Compare with a presented secret in constant time."""
        return hmac.compare_digest(self._value.encode(), presented.encode(errors="replace"))


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")


def read_secret(value: Any) -> Secret:
    """Read a secret as YAML gives it; null is an empty secret."""
    if isinstance(value, Secret):
        return value
    if value is not None and not isinstance(value, str):
        raise ValueError("must be a string (put it in quotes)")
    if value and "${" in value:
        raise ValueError("a variable in quotes is not expanded: write ${NAME} without quotes")
    return Secret(value or "")
