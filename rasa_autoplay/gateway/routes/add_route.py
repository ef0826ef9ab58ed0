"""How the route modules add a route to the gateway's blueprint."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.gateway.access.route_policy import RoutePolicy
from rasa_autoplay.gateway.routes.error_answers import Handler

__all__ = ["AddRoute"]


class AddRoute(Protocol):
    """Adds one route.

    Args:
        handler: answers its requests.
        path: below the gateway's base path.
        method: the HTTP method.
        policy: who may send requests, and how the gateway limits them.
    """

    def __call__(
        self, handler: Handler, path: str, method: str = "GET", *, policy: RoutePolicy = ...
    ) -> None: ...
