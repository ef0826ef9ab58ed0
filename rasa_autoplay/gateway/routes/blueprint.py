"""The gateway's routes: the wire contract under ``/webhooks/autoplay``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import Blueprint

from rasa_autoplay.gateway.access.route_policy import BROWSERS, RoutePolicy
from rasa_autoplay.gateway.cors import CrossOrigin
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.browser_script import add_script_routes
from rasa_autoplay.gateway.routes.browsers import add_browser_routes
from rasa_autoplay.gateway.routes.consent import add_consent_routes
from rasa_autoplay.gateway.routes.demo_page import add_demo_routes
from rasa_autoplay.gateway.routes.error_answers import Handler, answered
from rasa_autoplay.gateway.routes.now import add_now_routes
from rasa_autoplay.gateway.routes.offers import add_offer_routes
from rasa_autoplay.gateway.routes.operators import add_operator_routes
from rasa_autoplay.gateway.routes.outcomes import add_outcome_routes
from rasa_autoplay.gateway.routes.path_drafts import add_path_draft_routes
from rasa_autoplay.gateway.routes.people import add_people_routes
from rasa_autoplay.gateway.routes.posthog import add_posthog_routes
from rasa_autoplay.gateway.routes.proposals import add_proposal_routes
from rasa_autoplay.gateway.routes.recorder import add_recorder_routes
from rasa_autoplay.gateway.routes.recordings import add_recording_routes
from rasa_autoplay.gateway.routes.rules import add_rule_routes
from rasa_autoplay.gateway.routes.studio import add_studio_routes
from rasa_autoplay.gateway.routes.studio_views import add_view_routes
from rasa_autoplay.gateway.routes.tips import add_tip_routes

__all__ = ["gateway_blueprint"]


class _GatewayBlueprint(Blueprint):  # type: ignore[misc] # sanic 21 has no types
    """Also installs CORS for the whole app, because preflights never reach a route."""

    def register(self, app: Any, options: dict[str, Any]) -> None:
        """Attach the routes and the CORS headers to Rasa's app."""
        super().register(app, options)
        self.ctx.headers.attach(app)
        base_path = options.get("url_prefix") or self.url_prefix or "/webhooks/autoplay"
        self.ctx.cross_origin.install(app, base_path)
        app.register_middleware(self.ctx.record_upgrade, "request")
        app.register_middleware(self.ctx.observe_address, "request")


def gateway_blueprint(gateway: Gateway) -> Blueprint:
    """All routes of the gateway."""
    blueprint = _GatewayBlueprint("autoplay_gateway")
    blueprint.ctx.cross_origin = cross_origin = CrossOrigin(gateway.settings.allowed_origins)
    blueprint.ctx.record_upgrade = gateway.chat_sockets.record_upgrade
    blueprint.ctx.observe_address = gateway.forwarded.observe
    blueprint.ctx.headers = gateway.headers

    def add(handler: Handler, path: str, method: str = "GET", *, policy: RoutePolicy = BROWSERS) -> None:
        name = _route_name(path, method)
        answering = answered(handler, gateway, policy)
        if gateway.traces is not None:
            answering = gateway.traces.traced(answering, path, method)
        blueprint.add_route(answering, path, methods=[method], stream=True, name=name)

    add_browser_routes(add, gateway, cross_origin)
    add_consent_routes(add, gateway)
    add_posthog_routes(add, gateway)
    add_operator_routes(add, gateway)
    add_offer_routes(add, gateway)
    add_tip_routes(add, gateway)
    add_studio_routes(add, gateway)
    add_now_routes(add, gateway)
    add_people_routes(add, gateway)
    add_view_routes(add, gateway)
    add_recording_routes(add, gateway)
    add_rule_routes(add, gateway)
    add_outcome_routes(add, gateway)
    add_recorder_routes(add, gateway)
    add_path_draft_routes(add, gateway)
    add_proposal_routes(add, gateway)
    add_script_routes(blueprint, lambda: gateway.sightings.saw("script"))
    if gateway.settings.demo_page:
        add_demo_routes(blueprint, Path(gateway.settings.demo_page))
    return blueprint


def _route_name(path: str, method: str) -> str:
    """A name that no other route has. Newer versions of Sanic refuse to start with two equal names."""
    letters = "".join(each if each.isalnum() else "_" for each in path)
    return f"{method.lower()}{letters}"
