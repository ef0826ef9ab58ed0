"""Makes events safe, as far as they may be kept."""

from __future__ import annotations

import asyncio

from rasa_autoplay.gateway.consent.base import ConsentOfUsers
from rasa_autoplay.gateway.custody import Custody
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.link.messages import Event

__all__ = ["AdmittingCustody"]


class AdmittingCustody:
    """Hands a custody only what users with consent have done.

    Args:
        custody: makes events safe.
        consents: knows who has given consent.
    """

    def __init__(self, custody: Custody, consents: ConsentOfUsers) -> None:
        self._custody = custody
        self._consents = consents
        #: Events that waited for their user's consent, and then found the queue full.
        self.lost = 0

    def send(self, event: Event) -> asyncio.Future[bool] | None:
        """Make an event safe; one that must not be kept, or waits in memory, counts as safe.

        Raises:
            QueueFullError: the event was not queued.
        """
        part = self._consents.admitted(event, self._send_later)
        return None if part is None else self._custody.send(part)

    def _send_later(self, event: Event) -> None:
        try:
            self._custody.send(event)
        except QueueFullError:
            self.lost += 1
