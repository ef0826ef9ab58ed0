"""The button "Show me on the page" under an explanation, and what the chat receives when it is pressed.

Chat widgets send a button's payload as the user's message. The payload names the tour and no user: whose chat
it is, the gateway knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import msgspec

__all__ = ["SHOW_ME_ON_PAGE", "TourButton", "means_yes", "tour_of_payload"]

#: The default title of the button.
SHOW_ME_ON_PAGE = "Show me on the page"
_PREFIX = "/autoplay_show_me"
_MAX_PAYLOAD = 1_000


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


#: Messages that accept the offer to show something, without case, accents and punctuation.
_YES = frozenset(
    line.strip()
    for line in """
    yes, yes please, yeah, yep, sure, ok, okay, please, please do, go ahead, do it, show me, show me please
    yes show me, please show me, show me how, show me on the page, show it, can you show me, could you show me
    ja, ja bitte, gerne, ja gerne, bitte, klar, zeig es mir, zeig s mir, zeig mir, zeige es mir
    zeigen sie es mir, bitte zeigen, ja zeig es mir
    oui, oui stp, oui s il vous plait, oui s il te plait, volontiers, d accord, montre moi, montrez moi
    montre le moi
    si, si por favor, por favor, claro, vale, muestrame, ensename, muestramelo
    si per favore, si grazie, per favore, certo, va bene, mostrami, fammi vedere
    sim, sim por favor, por favor, claro, mostra me, mostre me, me mostra, me mostre
    ja graag, graag, ja alsjeblieft, ja alstublieft, laat zien, laat maar zien, toon me
    """.replace("\n", ",").split(",")
    if line.strip()
)


def means_yes(text: str) -> bool:
    """Whether a message accepts the offer to show something: it consists of nothing else."""
    if len(text) > 60:
        return False
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", plain)) in _YES
