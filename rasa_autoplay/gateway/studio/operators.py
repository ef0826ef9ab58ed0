"""Who may use the operators' routes: holders of the admin key, and browsers signed in to the studio."""

from __future__ import annotations

from sanic import Request

from rasa_autoplay.gateway.access.admin_key import AdminKey
from rasa_autoplay.gateway.studio.sessions import StudioSessions

__all__ = ["Operators"]


class Operators:
    """Accepts the bearer key, or the studio's cookie from the studio's own page.

    Args:
        key: the admin key, and the limit of wrong ones.
        sessions: the browsers that are signed in to the studio.
    """

    def __init__(self, key: AdminKey, sessions: StudioSessions) -> None:
        self.key = key
        self.sessions = sessions

    def check(self, request: Request) -> None:
        """Check that an operator sends a request.

        Raises:
            BadRequest: 404 if no key is configured, 401 without a valid key or session, 429 after too many
                wrong keys.
        """
        if "authorization" in request.headers or not self.key.is_set:
            self.key.check(request)
        elif self.sessions.find(request) is None:
            raise self.key.missing()
