"""Ids of users, sessions, offers and chat windows: which strings are valid."""

from __future__ import annotations

import re
from hashlib import blake2b

__all__ = [
    "ID_RULE",
    "MAX_ID_BYTES",
    "derived_id",
    "is_id",
    "is_reserved",
    "is_too_long",
    "session_of_their_own",
]

#: In UTF-8. A row of a PostgreSQL index has at most 2,704 bytes, and one index holds three ids.
MAX_ID_BYTES = 512
#: For errors.
ID_RULE = f"must have 1 to {MAX_ID_BYTES} bytes (English letters have one each) and no control characters"

#: Ids appear in logs, where a line break or a change of direction could forge entries, and in databases, some
#: of which reject NUL and lone surrogates.
_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def is_id(text: str) -> bool:
    """Whether a text is a valid id."""
    return bool(text) and not is_too_long(text) and _UNSAFE.search(text) is None


def is_too_long(text: str) -> bool:
    """Whether a text is too long for an id."""
    # Most ids are much shorter, so that encoding can be skipped.
    if len(text) * 4 <= MAX_ID_BYTES:
        return False
    return len(text) > MAX_ID_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_ID_BYTES


def derived_id(prefix: str, text: str) -> str:
    """Derive an id from another one, shortened by a hash if necessary.

    Args:
        prefix: the kind of id.
        text: the other id.
    """
    plain = f"{prefix}{text}"
    return f"{prefix}{blake2b(text.encode(), digest_size=16).hexdigest()}" if is_too_long(plain) else plain


#: Marks the ids of sessions that the gateway creates. Ids from outside must not contain it.
_RESERVED = "~for~"


def session_of_their_own(session_id: str, user_id: str) -> str:
    """The id of a user's own session if the analytics session belongs to another user.

    Args:
        session_id: the analytics session.
        user_id: the second user.
    """
    digest = blake2b(f"{session_id}\0{user_id}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    kept = session_id.encode()[: MAX_ID_BYTES - len(_RESERVED) - len(digest)]
    # A character that was cut in two is removed.
    return f"{kept.decode(errors='ignore')}{_RESERVED}{digest}"


def is_reserved(session_id: str) -> bool:
    """Whether a session id looks like one that :func:`session_of_their_own` makes."""
    return _RESERVED in session_id
