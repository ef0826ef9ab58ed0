"""The recorder's routes: its links, its session, and what it records."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import BadRequest, id_field, json_answer, read_json, text_field
from rasa_autoplay.gateway.access.page_origins import is_same_origin, origin_of
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.recorder.captured_action import read_action
from rasa_autoplay.gateway.recorder.page_links import check_page, link_to_page
from rasa_autoplay.gateway.recorder.recorder_keys import LONGEST_RECORDING_S
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.link.path_draft_requests import CheckDraft, MatchAction, PrepareRecorder, SaveDraft
from rasa_autoplay.settings.origins import AllowedOrigins

__all__ = ["add_recorder_routes"]

#: The largest body: a draft with a hundred steps has about 60 kB.
_MAX_BYTES = 256 * 1024
_LONGEST_URL, _LONGEST_TOKEN = 2_100, 1_024


def add_recorder_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: knows the recorders, and asks the engine.
    """
    routes = _RecorderRoutes(gateway)
    add(routes.links, "/recorder/links", "POST")
    add(routes.session, "/recorder/session", "POST")
    add(routes.action, "/recorder/action", "POST")
    add(routes.draft, "/recorder/draft", "POST")
    add(routes.save, "/recorder/save", "POST")


class _RecorderRoutes:
    def __init__(self, gateway: Gateway) -> None:
        settings = gateway.settings
        self._gateway = gateway
        self._keys = gateway.recorder_keys
        self._allowed = AllowedOrigins(settings.allowed_origins)
        self._pages = Pages(settings.pages.names, settings.pages.query)

    async def links(self, request: Request) -> HTTPResponse:
        """Make a link that opens a page with the recorder; for operators."""
        self._gateway.operators.check(request)
        data = await read_json(request)
        page = check_page(request, text_field(data, "page", max_length=_LONGEST_URL), self._allowed)
        path_id = id_field(data, "path_id", required=False)
        if path_id:
            await self._gateway.link.ask(PrepareRecorder(path_id))
        token, until = self._keys.make_token(path_id)
        return json_answer({"link": link_to_page(page, token), "expires_at": until})

    async def session(self, request: Request) -> HTTPResponse:
        """Exchange a link's token for a key."""
        self._check_page(request)
        data = await read_json(request)
        token = self._keys.read_token(request, text_field(data, "token", max_length=_LONGEST_TOKEN))
        # First of all, so that a token stays usable while the engine is away.
        prepared = await self._gateway.link.ask(PrepareRecorder(token.path_id))
        is_first = await self._gateway.claim_once(f"recorder:{token.token_id}", LONGEST_RECORDING_S)
        return json_answer(
            {
                "key": self._keys.use(request, token, is_first),
                "expires_at": token.until,
                "can_write": prepared.can_write,
                "draft": prepared.draft,
            }
        )

    async def action(self, request: Request) -> HTTPResponse:
        """Read an event as the capture does, and say what it proves in a draft."""
        data = await self._body(request)
        action = read_action(_object_in(data, "event"), self._gateway.settings.product_id, self._pages)
        fields = {
            name: getattr(action, name)
            for name in ("title", "description", "canonical_url", "type", "element_id")
        }
        matched = await self._gateway.link.ask(MatchAction(fields, _object_in(data, "draft", required=False)))
        return json_answer(
            {
                "action": {
                    "title": action.title,
                    "type": action.type,
                    "element_id": action.element_id,
                    "page": action.canonical_url,
                },
                "done_when": matched.done_when,
                "steps": matched.steps,
            }
        )

    async def draft(self, request: Request) -> HTTPResponse:
        """Return a draft as a file, with its errors and warnings."""
        data = await self._body(request)
        return json_answer(await self._gateway.link.ask(CheckDraft(_object_in(data, "draft"))))

    async def save(self, request: Request) -> HTTPResponse:
        """Store a draft for the studio."""
        data = await self._body(request)
        saved = await self._gateway.link.ask(SaveDraft(_object_in(data, "draft")))
        screen = f"studio#/drafts/{quote(saved.draft_id, safe='')}"
        return json_answer({"draft_id": saved.draft_id, "studio": f"{_base_of(request)}{screen}"})

    async def _body(self, request: Request) -> dict[str, Any]:
        self._check_page(request)
        self._keys.check(request)
        return await read_json(request, _MAX_BYTES)

    def _check_page(self, request: Request) -> None:
        """Refuse pages of other sites. Extensions are no pages: the user has installed them."""
        self._gateway.operators.key.check_configured()
        origin = origin_of(request)
        is_page = origin == "null" or origin.startswith(("http://", "https://"))
        if is_page and origin not in self._allowed and not is_same_origin(request):
            raise BadRequest(
                "this site may not use the copilot",
                remedy="Add its origin to allowed_origins in credentials.yml.",
                status=403,
            )


def _base_of(request: Request) -> str:
    """Return the URL of the gateway's routes as the browser knows it."""
    is_https = request.headers.get("x-forwarded-proto", request.scheme) == "https"
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    path = request.path.rpartition("recorder/")[0]
    return f"http{'s' if is_https else ''}://{host}{path}"


def _object_in(data: dict[str, Any], name: str, *, required: bool = True) -> dict[str, Any]:
    value = data.get(name)
    if value is None and not required:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"{name!r} must be an object")
    return value
