"""What may be the id of a user, a session, an offer or a chat window?"""

from __future__ import annotations

import re
from hashlib import blake2b

__all__ = ["ID_RULE", "MAX_ID", "is_id", "is_reserved", "session_of_their_own"]

MAX_ID = 512
#: For who has sent another one.
ID_RULE = f"must have 1 to {MAX_ID} characters, none of them a control character"

#: Ids stand in logs, where a line break or a change of direction would forge what others read, and in
#: databases, some of which take neither NUL nor half a character.
_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def is_id(text: str) -> bool:
    """Whether a text can be an id."""
    return 0 < len(text) <= MAX_ID and _UNSAFE.search(text) is None


#: Stands in the ids of sessions that we make; those that come from outside must not hold it.
_RESERVED = "~for~"


def session_of_their_own(session_id: str, user_id: str) -> str:
    """The id of a user's session where the analytics session belongs to another user.

    Args:
        session_id: the analytics session.
        user_id: the user who came second.
    """
    digest = blake2b(f"{session_id}\0{user_id}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{session_id[: MAX_ID - len(_RESERVED) - len(digest)]}{_RESERVED}{digest}"


def is_reserved(session_id: str) -> bool:
    """Whether a session id looks like one that :func:`session_of_their_own` makes."""
    return _RESERVED in session_id
