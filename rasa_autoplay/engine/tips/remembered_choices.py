"""What users have chosen, read from the database for each decision, so that a change counts at once."""

from __future__ import annotations

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.courtesy.user_choices import NO_CHOICES, UserChoices
from rasa_autoplay.engine.tips.base import ChoiceStore

__all__ = ["RememberedChoices"]

#: The choices of so many users are kept for a time in which the database cannot be read.
_MAX_USERS = 10_000


class RememberedChoices:
    """Reads users' choices; while the database cannot be read, those that were read last count.

    Several engines share the database, and nothing is cached while it works. So a change in one engine counts
    for the next decision in every other one.

    Args:
        store: the database.
    """

    def __init__(self, store: ChoiceStore) -> None:
        self._store = store
        #: Only users who have chosen something.
        self._last: BoundedDict[str, UserChoices] = BoundedDict(_MAX_USERS)

    async def of(self, user_id: str) -> UserChoices:
        """Return what a user has chosen."""
        found = await self._store.of(user_id)
        if found is None:
            return self._last.get(user_id, NO_CHOICES)
        if found != NO_CHOICES:
            self._last[user_id] = found
        else:
            self._last.pop(user_id, None)
        return found

    def forget_user(self, user_id: str) -> None:
        """Forget what was read last."""
        self._last.pop(user_id, None)
