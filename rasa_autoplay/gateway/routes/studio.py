"""The routes of the studio: its page, its files, sign-in and sign-out."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import BadRequest, error, json_answer, read_json, text_field
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.gateway.routes.browser_script import code_lines
from rasa_autoplay.gateway.routes.compressed_texts import CompressedText
from rasa_autoplay.gateway.routes.frame_script import studio_scripts
from rasa_autoplay.gateway.studio.sessions import LONGEST_TICKET_S, TICKET_S, StudioSession, is_from_studio

__all__ = [
    "STATIC",
    "STUDIO_HEADERS",
    "add_studio_routes",
    "headers_of",
    "studio_contents",
]

STATIC = Path(__file__).parents[1] / "static" / "studio"
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_PAGE = "index.html"
_MAX_KEY = 4096
_MAX_PATH = 512

#: The page and its scripts show what strangers wrote. So no text can become markup or script: Trusted Types
#: refuses every place where the DOM parses a string, and the policy has no exception.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
STUDIO_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
#: A document of its own, in which the page shows toasts and tours as users see them: at a phone's width, and
#: as a tour covers a page. It gets no data but by messages from the page. It cannot send anything, so a
#: previewed toast can neither report nor answer, and only the page can frame it.
_PREVIEW = "preview.html"
_PREVIEW_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_PREVIEW_HEADERS = {
    **STUDIO_HEADERS,
    "Content-Security-Policy": _PREVIEW_POLICY,
    "X-Frame-Options": "SAMEORIGIN",
}
#: The scripts of the product that the preview uses, so that it cannot differ from what users see.
_PRODUCT_MODULES = ("dom", "markdown", "options", "region", "spotlight", "styles", "theme")


def add_studio_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the studio's routes.

    Args:
        add: attaches a handler to a path.
        gateway: knows the operators.
    """
    routes = _StudioRoutes(gateway)
    add(routes.page, "/studio")
    add(routes.file, "/studio/<name:path>")
    add(routes.session, "/studio/session", "POST")
    add(routes.sign_in, "/studio/sign-in", "POST")
    add(routes.sign_out, "/studio/sign-out", "POST")
    add(routes.ticket, "/studio/ticket", "POST")


def studio_contents() -> dict[str, bytes]:
    """Read the page, its files, and the product's modules that it uses, each as browsers get it.

    Scripts have no comments, and they are joined; see ``frame_script.py``. The names are relative to
    ``studio/``.
    """
    others = [
        each for each in sorted(STATIC.rglob("*")) if each.suffix in _CONTENT_TYPES and each.suffix != ".js"
    ]
    return {
        **{file.relative_to(STATIC).as_posix(): file.read_bytes() for file in others},
        **{name: script.encode() for name, script in studio_scripts(STATIC).items()},
        **{
            f"product/{name}.js": _without_comments(STATIC.parent / f"{name}.js") for name in _PRODUCT_MODULES
        },
    }


def _without_comments(file: Path) -> bytes:
    return "\n".join(code_lines(file.read_text("utf-8"))).encode()


def _compressed() -> dict[str, CompressedText]:
    return {
        name: CompressedText(content, _CONTENT_TYPES[PurePosixPath(name).suffix], headers_of(name))
        for name, content in studio_contents().items()
    }


def headers_of(name: str) -> dict[str, str]:
    """Return the headers of a file of the studio, by its name relative to ``studio/``."""
    return _PREVIEW_HEADERS if name == _PREVIEW else STUDIO_HEADERS


class _StudioRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._operators = gateway.operators
        self._sessions = gateway.operators.sessions
        # Read at the start, so that an upgrade of the package cannot mix two versions in one page.
        self._files = _compressed() if self._operators.key.is_set else {}

    async def page(self, request: Request) -> HTTPResponse:
        return await self.file(request, _PAGE)

    async def file(self, request: Request, name: str) -> HTTPResponse:
        self._operators.key.check_configured()
        found = self._files.get(name)
        return found.answer(request) if found else error(404, "the studio has no such file")

    async def sign_in(self, request: Request) -> HTTPResponse:
        self._check_page(request)
        data = await read_json(request)
        key = text_field(data, "key", required=False, max_length=_MAX_KEY)
        ticket = text_field(data, "ticket", required=False, max_length=_MAX_KEY)
        if ticket:
            ticket_id = self._sessions.use_ticket(ticket)
            is_right = bool(ticket_id) and await self._gateway.claim_once(
                f"ticket:{ticket_id}", LONGEST_TICKET_S
            )
            self._operators.key.check_guess(request, is_right, "this link has expired or was used already")
        else:
            is_right = self._operators.key.matches(key)
            self._operators.key.check_guess(request, is_right, "this is not the admin key")
        path = text_field(data, "path", required=False, max_length=_MAX_PATH)
        return self._signed_in(request, self._sessions.begin(_cookie_path(request, path)))

    async def session(self, request: Request) -> HTTPResponse:
        """Describe the session, and prolong it."""
        self._operators.key.check_configured()
        await read_json(request)
        session = self._sessions.find(request)
        if session is None:
            return json_answer({"signed_in": False})
        return self._signed_in(request, self._sessions.renew(session))

    async def sign_out(self, request: Request) -> HTTPResponse:
        self._check_page(request)
        await read_json(request)
        response = json_answer({"signed_in": False})
        session = self._sessions.find(request)
        if session is not None:
            self._sessions.end(session)
            self._sessions.clear_cookie(request, response, session.path)
        return response

    async def ticket(self, request: Request) -> HTTPResponse:
        # A browser's session is not enough: a ticket would outlive its end.
        self._operators.key.check(request)
        valid_s = (await read_json(request)).get("expires_in_s", TICKET_S)
        if type(valid_s) not in (int, float) or not 0 < valid_s <= LONGEST_TICKET_S:
            raise BadRequest(f"'expires_in_s' must be a number up to {LONGEST_TICKET_S:g}")
        return json_answer({"ticket": self._sessions.make_ticket(valid_s), "expires_in_s": valid_s})

    def _check_page(self, request: Request) -> None:
        self._operators.key.check_configured()
        if not is_from_studio(request):
            raise BadRequest(
                "only the studio's own page can do this",
                remedy='Scripts send "Authorization: Bearer …" with the admin_key instead.',
                status=403,
            )

    def _signed_in(self, request: Request, session: StudioSession) -> HTTPResponse:
        settings = self._gateway.settings
        response = json_answer(
            {"signed_in": True, "product_id": settings.product_id, "expires_at": session.until}
        )
        self._sessions.set_cookie(request, response, session)
        return response


def _cookie_path(request: Request, stated: str) -> str:
    """The path prefix of our routes as the browser sees it, which only the browser knows behind a proxy."""
    own = request.path.rpartition("studio/")[0]
    is_plain = all(each.isascii() and (each.isalnum() or each in "/-_.~%") for each in stated)
    return stated if is_plain and stated.startswith("/") and stated.endswith(own) else own
