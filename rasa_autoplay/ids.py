"""What may be the id of a user, a session, an offer or a chat window?"""

from __future__ import annotations

import re

__all__ = ["ID_RULE", "MAX_ID", "is_id"]

MAX_ID = 512
#: For who has sent another one.
ID_RULE = f"must have 1 to {MAX_ID} characters, none of them a control character"

#: Ids stand in logs, where a line break or a change of direction would forge what others read, and in
#: databases, some of which take neither NUL nor half a character.
_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def is_id(text: str) -> bool:
    """Whether a text can be an id."""
    return 0 < len(text) <= MAX_ID and _UNSAFE.search(text) is None
