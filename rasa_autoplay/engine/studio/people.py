"""Answers the studio's requests about people: search, export and deletion."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.memory.stored_history import HistoryReader
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.studio.people_reader import FoundUser, UserRecords
from rasa_autoplay.engine.studio.person import Answer, Person, Silence, benefit_of, person_of
from rasa_autoplay.engine.studio.user_data import Deleted, UserData
from rasa_autoplay.engine.studio.workflows import workflows_of
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.base import EngineRefused

__all__ = ["STATES", "PeopleRequests"]

STATES = ("mastered", "struggling", "snoozed")
#: A search looks at this many users, those seen last.
_MOST_READ = 1_000
#: For this many of those who would benefit, the engine looks whether they use the app now.
_MOST_LIVE = 200


class _Reader(Protocol):
    @property
    def problem(self) -> str: ...

    async def read(self, text: str, most: int) -> list[FoundUser] | None: ...

    async def read_user(self, user_id: str) -> UserRecords | None: ...


class PeopleRequests:
    """Finds users, and exports and deletes their data.

    Args:
        product_id: the product's id.
        paths: all golden paths.
        snooze_s: how long a trigger, by id, is quiet after "No" or "Later", in seconds.
        reader: reads users from the database.
        data: exports and deletes what is stored.
        sessions: the live sessions.
        forget_live: removes a user from the running engine.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        paths: Sequence[GoldenPath],
        snooze_s: Callable[[str], float],
        reader: _Reader,
        data: UserData,
        sessions: SessionStore,
        forget_live: Callable[[str], Awaitable[object]],
        clock: Callable[[], float],
    ) -> None:
        self._product_id = product_id
        self._paths = {path.id: path for path in paths}
        self._tracker = PathTracker(paths)
        self._histories = HistoryReader(self._tracker)
        self._snooze_s = snooze_s
        self._reader = reader
        self._data = data
        self._sessions = sessions
        self._forget_live = forget_live
        self._clock = clock

    async def find(self, query: str, state: str, path_id: str, limit: int) -> dict[str, Any]:
        """Find users, those seen last first.

        With a path, find those who would benefit from it: first those on its pages now, then the neediest.

        Args:
            query: a part of an id or of a property, or ``name=value``; empty for all.
            state: one of ``STATES``; empty for all.
            path_id: a golden path; empty for no path.
            limit: at most this many are returned.

        Returns:
            ``{product_id, at, people, matched, searched, all_searched, counts, paths}``. ``matched`` is how
            many of the ``searched`` users match; ``counts`` has how many of those that match the query have
            each state. A person has the fields of :class:`.person.Person`, and ``live`` (``session_id``,
            ``page``, ``active_at``, and ``on_path`` if a path is asked for) if they use the app now.

        Raises:
            EngineRefused: there is no such state or path, or the database is not available.
        """
        if state and state not in STATES:
            raise EngineRefused("invalid", f"'state' must be one of {', '.join(STATES)}")
        if path_id and path_id not in self._paths:
            raise EngineRefused("not_found", f"there is no golden path {path_id[:64]!r}")
        now, query = self._clock(), query.strip()
        name, equals, value = query.partition("=")
        text = value.strip() if equals and name.strip() else query
        found = await self._reader.read(text, _MOST_READ)
        if found is None:
            raise self._unreadable()
        people = [self._person(each, now) for each in found]
        people = [person for person in people if not query or person.matches(query)]
        wanted = [person for person in people if not state or person.has_state(state)]
        listed = await (self._who_benefit(wanted, path_id) if path_id else self._with_live(wanted[:limit]))
        return {
            "product_id": self._product_id,
            "at": now,
            "people": listed[:limit],
            "matched": len(listed) if path_id else len(wanted),
            "searched": len(found),
            "all_searched": len(found) < _MOST_READ,
            "counts": {each: sum(person.has_state(each) for person in people) for each in STATES},
            "paths": [{"id": path.id, "title": path.title} for path in self._paths.values()],
        }

    async def person(self, product_id: str, user_id: str) -> dict[str, Any]:
        """Return one user, with ``workflows``: see :func:`.workflows.workflows_of`.

        Raises:
            EngineRefused: the product is not this engine's, the user is unknown, or the database is not
                available.
        """
        self._check_product(product_id)
        found = await self._reader.read_user(user_id)
        if found is None:
            raise self._unreadable()
        if not found.records:
            raise EngineRefused("not_found", f"nothing is stored about the user {user_id[:64]!r}")
        analyses = [record.analysis for record in found.records]
        person = self._person(FoundUser(user_id, analyses, found.answers), self._clock())
        workflows = workflows_of(person, found.records, self._paths.values(), self._tracker)
        return {**person.as_dict(), "live": await self._live(user_id), "workflows": workflows}

    def _unreadable(self) -> EngineRefused:
        return EngineRefused(
            "unavailable",
            f"the database cannot be read: {self._reader.problem}",
            "The health of the channel names the reason.",
        )

    async def export(self, product_id: str, user_id: str, by: str) -> dict[str, Any]:
        """Return all that is stored about a user.

        Raises:
            EngineRefused: the product is not this engine's, or the database is not available.
        """
        self._check_product(product_id)
        try:
            return await self._data.export(user_id, by)
        except AutoplayError as failure:
            raise EngineRefused("unavailable", failure.message, failure.remedy) from None

    async def delete(self, product_id: str, user_id: str, by: str) -> Deleted:
        """Delete all that is stored about a user, and the live sessions.

        Raises:
            EngineRefused: the product is not this engine's, or the database is not available.
        """
        self._check_product(product_id)
        try:
            return await self._data.delete(user_id, by, self._forget_live)
        except AutoplayError as failure:
            raise EngineRefused("unavailable", failure.message, failure.remedy) from None

    def _check_product(self, product_id: str) -> None:
        if product_id != self._product_id:
            raise EngineRefused("not_found", f"there is no product {product_id[:64]!r} here")

    def _person(self, found: FoundUser, now: float) -> Person:
        silences = (Silence(answer, self._silent_until(answer)) for answer in found.answers)
        still = [silence for silence in silences if silence.until > now]
        return person_of(found.user_id, found.analyses, still, self._histories)

    def _silent_until(self, answer: Answer) -> float:
        if answer.status == OfferStatus.NEVER.value:
            return math.inf
        return answer.shown_at + self._snooze_s(answer.trigger_id)

    async def _with_live(self, people: Sequence[Person]) -> list[dict[str, Any]]:
        return [{**person.as_dict(), "live": await self._live(person.user_id)} for person in people]

    async def _who_benefit(self, people: Sequence[Person], path_id: str) -> list[dict[str, Any]]:
        """Return those who do not master a path: first those on its pages now, then the neediest."""
        benefits = [(person, each) for person in people if (each := benefit_of(person, path_id))]
        benefits.sort(key=lambda pair: (pair[1].rank, -pair[0].last_seen_at))
        found = []
        for place, (person, benefit) in enumerate(benefits):
            live = await self._live(person.user_id, path_id) if place < _MOST_LIVE else None
            found.append({**person.as_dict(), "live": live, "benefit": benefit.as_dict()})
        return sorted(found, key=_urgency)

    async def _live(self, user_id: str, path_id: str = "") -> dict[str, Any] | None:
        session = await self._sessions.latest_of(self._product_id, user_id)
        if session is None:
            return None
        page = session.window.page()
        on_path = {"on_path": self._paths[path_id].reaches(page)} if path_id else {}
        return {**_described(session), "page": page, **on_path}


def _described(session: Session) -> dict[str, Any]:
    return {"session_id": session.key[1], "active_at": session.active_at}


def _urgency(person: Mapping[str, Any]) -> tuple[bool, bool]:
    live = person["live"]
    return person["benefit"]["quiet_until"] is not None, not (live and live["on_path"])
