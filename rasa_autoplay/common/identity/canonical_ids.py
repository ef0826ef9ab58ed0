"""Brings the ids that arrive in requests into one form: the user 42 of one page is the user "42" of another.

Databases number their users, and some pages pass these numbers on as they are. Every id that enters, by
whatever way, goes through this module, so that the same user is the same text everywhere.
"""

from __future__ import annotations

from rasa_autoplay.common.identity.ids import ID_RULE, is_id
from rasa_autoplay.errors import AutoplayError

__all__ = ["InvalidId", "canonical_id", "id_text"]

#: Longer numbers are no ids: JSON may contain integers with thousands of digits, which Python does not print.
_MAX_BITS = 128
_KINDS = {
    bool: "a truth value",
    dict: "an object",
    float: "a fraction",
    list: "a list",
    type(None): "null",
}


class InvalidId(AutoplayError, ValueError):
    """A value that cannot be an id."""


def id_text(value: object) -> str | None:
    """The text form of an id, not yet checked for its length and characters.

    A fraction is no id, because 42.0 is "42" for one program and "42.0" for the next. A truth value is none
    either.

    Args:
        value: from JSON.

    Returns:
        A text without the spaces around it, or a whole number in decimal; None for all other values.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _MAX_BITS:
        return str(value)
    return None


def canonical_id(value: object, name: str = "the user id") -> str:
    """The text form of an id that must be there.

    Args:
        value: a text or a whole number.
        name: names the id in the error.

    Raises:
        InvalidId: it is none.
    """
    text = id_text(value)
    if text is None:
        kind = _KINDS.get(type(value), "a number of more than 38 digits")
        raise InvalidId(f"{name} must be a text or a whole number, not {kind}")
    if not is_id(text):
        raise InvalidId(f"{name} {ID_RULE}")
    return text
