"""The button "Show me on the page" under an explanation, and what the chat receives when it is pressed.

Chat widgets send a button's payload as the user's message. The payload names the tour and no user: whose chat
it is, the gateway knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

import msgspec

from rasa_autoplay.common.sentences.sentences import all_sentences

__all__ = ["TourButton", "means_yes", "tour_of_payload"]

_PREFIX = "/autoplay_show_me"
_MAX_PAYLOAD = 1_000
_LONGEST_YES = 60


class _Payload(msgspec.Struct):
    tour: str


class TourButton(msgspec.Struct, frozen=True):
    """A button that starts a tour.

    Args:
        title: what the button says.
        tour_id: the tour's id.
    """

    title: str
    tour_id: str

    @property
    def payload(self) -> str:
        """What the chat widget sends when the button is pressed, in the form of Rasa's payloads."""
        return _PREFIX + msgspec.json.encode(_Payload(self.tour_id)).decode()

    def as_rasa(self) -> dict[str, str]:
        """The button of a bot message."""
        return {"title": self.title, "payload": self.payload}

    def as_entity(self) -> dict[str, object]:
        """What the entity of the bot's text has in addition."""
        return {"button": {"title": self.title, "tour_id": self.tour_id}}

    @classmethod
    def of_entity(cls, entity: Mapping[str, object]) -> TourButton | None:
        """The button of an entity; None without one."""
        try:
            return msgspec.convert(entity.get("button"), type=cls | None)
        except msgspec.ValidationError:
            return None


def tour_of_payload(text: str) -> str:
    """The tour whose button was pressed; empty if the text is no such payload."""
    if not text.startswith(_PREFIX) or len(text) > _MAX_PAYLOAD:
        return ""
    try:
        return msgspec.json.decode(text[len(_PREFIX) :], type=_Payload).tour
    except msgspec.DecodeError:
        return ""


def means_yes(text: str) -> bool:
    """Whether a message accepts the offer to show something, in any language: it consists of nothing else."""
    return len(text) <= _LONGEST_YES and _plain(text) in _accepting()


@cache
def _accepting() -> frozenset[str]:
    """The accepting messages of all languages, in the form that :func:`_plain` returns."""
    return frozenset(_plain(each) for sentences in all_sentences().values() for each in sentences.yes)


def _plain(text: str) -> str:
    """Return a text without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", plain))
