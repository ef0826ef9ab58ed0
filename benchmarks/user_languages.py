"""What languages cost: for an event, for a toast, for a feed that opens, and in memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import msgspec

from benchmarks.figures import Figure
from rasa_autoplay.common.languages.preferences import read_preferences
from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.engine.knowledge.tour_step import TourStep
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_texts import OfferTexts
from rasa_autoplay.engine.offers.offered_tour import OfferedTour

__all__ = ["measure"]

_ROUNDS = 20_000
_USERS = 100_000
_BODY = "Changing projects one at a time? You can select several and change them together."


async def measure() -> list[Figure]:
    """Measure in this process."""
    users = UserLanguages()
    users.bot_speaks("en")
    users.page_stated("anna", ("de-CH", "fr", "en"))

    def event() -> None:
        users.browser_stated("anna", canonical_tag("de-CH") or "")

    def feed() -> None:
        users.page_stated("anna", read_preferences("de-CH,fr,en"))

    plain, worded = _offer(_plain), _offer(_in_ten)

    def toast(offer: Offer) -> Callable[[], object]:
        def send() -> object:
            offer.say_in(users.of_page("anna", ("de-CH", "fr", "en")))
            return msgspec.json.encode(offer.toast())

        return send

    return [
        Figure("user languages: work an event with $browser_language", _cost_us(event), "µs"),
        Figure("user languages: work a feed that opens", _cost_us(feed), "µs"),
        Figure("user languages: a toast with texts in one language", _cost_us(toast(plain)), "µs"),
        Figure("user languages: a toast with texts in ten languages", _cost_us(toast(worded)), "µs"),
        Figure("user languages: memory a user", _memory_of_a_user(), "B"),
    ]


def _cost_us(work: Callable[[], object]) -> float:
    """The best of five rounds, in µs of CPU for one call."""
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(_ROUNDS):
            work()
        rounds.append((time.process_time() - begun) / _ROUNDS * 1e6)
    return min(rounds)


def _plain(text: str) -> str:
    return text


def _in_ten(text: str) -> str:
    tags = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "ja", "ar")
    return Text({tag: f"{text} ({tag})" for tag in tags})


def _offer(written: Callable[[str], str]) -> Offer:
    steps = [TourStep(f"s{n}", written("Open it"), f"#e{n}", written("Open the menu.")) for n in range(5)]
    tour = OfferedTour("bulk", "bulk", written("Show me"), "driverjs", steps, written("Bulk edit"))
    offer = Offer("o1", "t1", "", "demo", "s1", "anna", 0.0, 1.0, 0.0)
    offer.say(OfferTexts(written(_BODY), [], [tour]), ("de", "en"))
    return offer


def _memory_of_a_user() -> float:
    names = [f"user-{number}" for number in range(_USERS)]
    tracemalloc.start()
    users = UserLanguages()
    for name in names:
        users.page_stated(name, read_preferences("de-CH,fr,en"))
        users.browser_stated(name, canonical_tag("de-CH") or "")
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / _USERS
