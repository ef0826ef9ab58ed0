"""Collects a user's tips: the offers that they got, and what they have chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from rasa_autoplay.common.languages.each_language import in_language
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.courtesy.user_choices import (
    Mute,
    UserChoices,
    answered_never_at,
    topic_of,
)
from rasa_autoplay.engine.freshness.suspect_steps import SuspectSteps
from rasa_autoplay.engine.offers.offer import REQUESTED_TRIGGERS, Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.events.canonical_url import canonical_url
from rasa_autoplay.link.answers import JsonObject
from rasa_autoplay.link.tip_answers import MutedTopic, OwnHours, PastTip, Tips, TipTour

__all__ = ["MAX_PAST", "PAST_S", "TipList"]

#: Past offers that are listed at most, and for how long, in seconds.
MAX_PAST, PAST_S = 20, 30 * 86_400.0


class TipList:
    """Builds the list of one user.

    Args:
        configuration: the triggers, the golden paths and their tours.
        suspects: the suspect steps; their tours cannot be started.
        clock: epoch seconds.
    """

    def __init__(
        self, configuration: Configuration, suspects: SuspectSteps, clock: Callable[[], float]
    ) -> None:
        self._tours = configuration.tours
        self._suspects = suspects
        self._clock = clock
        self._triggers = {trigger.id: trigger for trigger in configuration.triggers}

    def of(
        self, offers: Sequence[Offer], choices: UserChoices, url: str = "", languages: Sequence[str] = ()
    ) -> Tips:
        """Return the tips.

        Args:
            offers: the user's offers, newest first, as they are now.
            choices: what the user has chosen.
            url: the user's page; empty if it is unknown.
            languages: the user's languages, best first.
        """
        now, page = self._clock(), canonical_url(url) if url else ""
        received = [offer for offer in offers if was_received(offer)]
        live = [offer for offer in received if is_live(offer, now)]
        past = [o for o in received if not is_live(o, now) and o.rendered_at > now - PAST_S][:MAX_PAST]
        ids = dict.fromkeys(tour for offer in past for tour in _path_ids(offer))
        hours, everything = choices.quiet_hours, choices.everything
        if everything is not None and everything.until <= now:
            everything = None
        return Tips(
            [self._live(_in_language(offer, languages), now) for offer in live],
            [self._past(offer) for offer in past],
            {path_id: tour for path_id in ids if (tour := self._tour(path_id, page, languages))},
            self._muted(received, choices, now, languages),
            None if everything is None else _muted("", "", everything),
            OwnHours(f"{hours.from_:%H:%M}", f"{hours.to:%H:%M}", hours.zone) if hours else None,
        )

    def _live(self, offer: Offer, now: float) -> JsonObject:
        toast = offer.toast()
        return {
            **toast,
            "tours": [tour for tour in toast["tours"] if self._startable(tour["id"])],
            "topic": topic_of(offer),
            "at": offer.rendered_at or offer.created_at,
            "expires_in_s": max(offer.expires_at - now, 0.0),
        }

    def _past(self, offer: Offer) -> PastTip:
        ids = [path_id for path_id in _path_ids(offer) if self._tours.path(path_id)]
        return PastTip(
            offer.offer_id,
            topic_of(offer),
            offer.body,
            offer.rendered_at,
            _BECAME.get(offer.status, "expired"),
            ids,
        )

    def _tour(self, path_id: str, page: str, languages: Sequence[str]) -> TipTour | None:
        path = self._tours.path(path_id)
        if path is None:
            return None
        tour = self._startable(path_id)
        starts: Literal["here", "elsewhere", "no"] = "no"
        if tour is not None:
            starts = "here" if self._tours.for_page({path_id: ""}, page) else "elsewhere"
        written = self._suspects.as_written(path).in_language(languages)
        return TipTour(written.title, starts, [step.text for step in written.steps])

    def _startable(self, path_id: str) -> OfferedTour | None:
        """The tour of a path; None if it has none, or if a suspect step withholds it."""
        path = self._tours.path(path_id)
        return None if self._suspects.why_withheld(path) else self._tours.resolve(path_id)

    def is_topic(self, topic: str) -> bool:
        """Whether a user can mute it: a golden path or a trigger of this version of the files."""
        kind, _, name = topic.partition(":")
        return bool(kind == "path" and self._tours.path(name)) or (
            kind == "trigger" and name in self._triggers
        )

    def _muted(
        self, offers: Iterable[Offer], choices: UserChoices, now: float, languages: Sequence[str]
    ) -> list[MutedTopic]:
        """The topics that the user has muted here or by "Don't show again", the latest first."""
        mutes = {topic: mute for topic, mute in choices.muted.items() if mute.until > now}
        bodies: dict[str, str] = {}
        for offer in offers:
            topic = topic_of(offer)
            bodies.setdefault(topic, offer.body)
            if answered_never_at(offer) and not choices.has_lifted(offer):
                mutes.setdefault(topic, Mute(answered_never_at(offer)))
        found = [_muted(topic, self._title(topic, bodies, languages), mute) for topic, mute in mutes.items()]
        return sorted(found, key=lambda each: each.at, reverse=True)

    def _title(self, topic: str, bodies: dict[str, str], languages: Sequence[str]) -> str:
        kind, _, name = topic.partition(":")
        path = self._tours.path(name) if kind == "path" else None
        if path is not None:
            return path.in_language(languages).title
        trigger = self._triggers.get(name)
        return bodies.get(topic) or in_language(trigger.fixed_text if trigger else "", languages) or name


def _in_language(offer: Offer, languages: Sequence[str]) -> Offer:
    """Return a copy of an offer in a user's language; one of the ledger keeps its own."""
    chosen = msgspec.structs.replace(offer)
    chosen.say_in(languages)
    return chosen


_BECAME: Mapping[OfferStatus, Literal["accepted", "dismissed", "snoozed", "never"]] = {
    OfferStatus.ACCEPTED: "accepted",
    OfferStatus.DISMISSED: "dismissed",
    OfferStatus.SNOOZED: "snoozed",
    OfferStatus.NEVER: "never",
}


def was_received(offer: Offer) -> bool:
    """Whether the user got the offer, or will get it: not if chance withheld it."""
    is_shown = offer.arm is Arm.SHOWN and not offer.is_withheld
    # The records of tours that were ordered or asked for are no offers.
    return is_shown and offer.trigger_id not in REQUESTED_TRIGGERS


def is_live(offer: Offer, now: float) -> bool:
    """Whether the user can still answer it."""
    return offer.is_open and offer.expires_at > now


def _path_ids(offer: Offer) -> list[str]:
    """The golden paths that an offer was about."""
    return list(dict.fromkeys([*(tour.id for tour in offer.tours), *filter(None, [offer.golden_path])]))


def _muted(topic: str, title: str, mute: Mute) -> MutedTopic:
    return MutedTopic(topic, title, mute.at, None if mute.until == math.inf else mute.until)
