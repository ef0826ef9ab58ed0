"""The texts of an offer in all their languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from rasa_autoplay.common.languages.each_language import in_language, languages_in
from rasa_autoplay.engine.offers.offered_tour import OfferedTour

__all__ = ["OfferTexts", "tour_in_language"]


class OfferTexts(NamedTuple):
    """What an offer says, before a language is chosen.

    Args:
        body: the question; names are filled in already, in each language.
        reply_options: texts of further buttons.
        tours: the tours that it offers.
    """

    body: str
    reply_options: Sequence[str]
    tours: Sequence[OfferedTour]

    @property
    def has_languages(self) -> bool:
        """Whether any of the texts exists in more than one language, or names its language."""
        return bool(languages_in(self.body, *self.reply_options)) or any(map(_has_languages, self.tours))

    def in_language(self, languages: Sequence[str]) -> OfferTexts:
        """Return the texts as plain strings, each in the language that fits best."""
        return OfferTexts(
            in_language(self.body, languages),
            [in_language(option, languages) for option in self.reply_options],
            [tour_in_language(tour, languages) for tour in self.tours],
        )


def tour_in_language(tour: OfferedTour, languages: Sequence[str]) -> OfferedTour:
    """Return a tour with plain strings, each in the language that fits best."""
    return msgspec.structs.replace(
        tour,
        label=in_language(tour.label, languages),
        title=in_language(tour.title, languages),
        steps=[
            msgspec.structs.replace(
                step, title=in_language(step.title, languages), text=in_language(step.text, languages)
            )
            for step in tour.steps
        ],
    )


def _has_languages(tour: OfferedTour) -> bool:
    texts = (text for step in tour.steps for text in (step.title, step.text))
    return bool(languages_in(tour.label, tour.title, *texts))
