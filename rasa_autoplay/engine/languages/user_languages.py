"""Knows which languages each user reads: the page's, then the browser's, then the bot's."""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.languages.preferences import joined, preferences_in
from rasa_autoplay.common.sentences.sentences import Sentences, sentences_in

__all__ = ["MAX_USERS", "UserLanguages"]

#: Beyond this, the user whose languages were stated longest ago is forgotten. Their next page states them.
MAX_USERS = 100_000


class _Stated(NamedTuple):
    """What is known about a user.

    Args:
        of_page: the languages that the newest page named, best first.
        of_browser: the language that the browser's events name; empty if unknown.
    """

    of_page: tuple[str, ...] = ()
    of_browser: str = ""


_NOTHING = _Stated()


class UserLanguages:
    """The languages of users, as long as this engine runs.

    A restarted engine learns them again from the feeds that the gateways report, and from the sessions that
    it takes over from another engine. They are not stored.
    """

    def __init__(self) -> None:
        self._stated: BoundedDict[str, _Stated] = BoundedDict(MAX_USERS)
        self._bot: tuple[str, ...] = ()

    def bot_speaks(self, language: str) -> None:
        """Set the bot's own language, ``language`` of the version of ``autoplay.yml`` in force."""
        self._bot = preferences_in([language])

    def page_stated(self, user_id: str, languages: tuple[str, ...]) -> None:
        """Record the languages of a user's newest page; one that names none changes nothing."""
        if user_id and languages:
            known = self._stated.get(user_id, _NOTHING)
            self._stated[user_id] = known._replace(of_page=preferences_in(languages))

    def browser_stated(self, user_id: str | None, language: str) -> None:
        """Record the language that the events of a user's browser name."""
        if user_id and language:
            known = self._stated.get(user_id, _NOTHING)
            if known.of_browser != language:
                self._stated[user_id] = known._replace(of_browser=language)

    def stated_by(self, user_id: str) -> tuple[str, ...]:
        """Return the languages that a user's page and browser have named, best first; empty if unknown."""
        page, browser = self._stated.get(user_id, _NOTHING)
        return joined(page, (browser,)) if browser else page

    def of(self, user_id: str) -> tuple[str, ...]:
        """Return the languages for a user, best first; the bot's own comes last."""
        return joined(self.stated_by(user_id), self._bot)

    def of_page(self, user_id: str, languages: tuple[str, ...]) -> tuple[str, ...]:
        """Return the languages for one page of a user, best first.

        Args:
            user_id: the user.
            languages: the languages that the page names; empty if it names none.
        """
        return joined(preferences_in(languages), self._bot) if languages else self.of(user_id)

    def sentences_for(self, user_id: str) -> Sentences:
        """Return the bot's own sentences for a user."""
        return sentences_in(self.of(user_id))

    def forget(self, user_id: str) -> None:
        """Forget a user."""
        self._stated.pop(user_id, None)
