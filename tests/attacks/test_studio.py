"""Nobody without the admin key signs in to the studio, frames it, reads it or drives it from another page."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
from support.gateway import BASE, ServedGateway, served_gateway
from support.run import asynchronous

from rasa_autoplay.gateway.studio.sessions import COOKIE

KEY = "canary-of-the-admin-key-0123456789"
#: On the same site as the Rasa server, so a SameSite cookie is sent with its requests.
SISTER = "https://app.example.com"
STRANGER = "https://evil.example"
STUDIO = {"X-Autoplay-Studio": "1", "Sec-Fetch-Site": "same-origin"}
#: All that needs an operator, with the method and a body.
OPERATORS = [
    ("GET", "/explain/u1", b""),
    ("GET", "/results", b""),
    ("GET", "/offers/o1", b""),
    ("GET", "/users/demo/u1/memory", b""),
    ("GET", "/users/demo/u1/offers", b""),
    ("GET", "/knowledge-base/demo?query=export", b""),
    ("GET", "/proposals", b""),
    ("GET", "/proposals/bulk-edit", b""),
]


class Answer(NamedTuple):
    """An answer with all its headers."""

    status: int
    headers: Any
    text: str

    @property
    def cookie(self) -> str:
        """The value of the session's cookie; empty if there is none."""
        found = self.headers.get("Set-Cookie", "").partition(";")[0]
        return str(found.removeprefix(f"{COOKIE}="))


class Browser:
    """Asks like a browser, with the headers that the test gives."""

    def __init__(self, served: ServedGateway) -> None:
        self.served = served

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        url = f"{self.served.origin}{BASE}{path}"
        data = body if method == "POST" else None
        async with self.served.http.request(method, url, data=data, headers=headers) as response:
            return Answer(response.status, response.headers, await response.text())

    async def sign_in(self, **headers: str) -> str:
        """Sign in with the key; return the cookie."""
        body = f'{{"key": "{KEY}", "path": "{BASE}/"}}'.encode()
        answer = await self.ask("POST", "/studio/sign-in", body, {**STUDIO, **headers})
        assert answer.status == 200, answer.text
        return answer.cookie

    async def read(self, cookie: str, headers: Mapping[str, str], path: str = "/explain/u1") -> int:
        """Read what needs an operator, with a cookie; return the status."""
        return (await self.ask("GET", path, b"", {"Cookie": f"{COOKIE}={cookie}", **headers})).status


@asynccontextmanager
async def _browser(**settings: Any) -> AsyncIterator[Browser]:
    section = {"admin_key": KEY, "allowed_origins": [SISTER], **settings}
    async with served_gateway(**section) as served:
        yield Browser(served)


@asynchronous
async def test_everything_is_closed_without_an_admin_key() -> None:
    async with _browser(admin_key="") as browser:
        for method, path in (
            ("GET", "/studio"),
            ("GET", "/studio/main.js"),
            ("POST", "/studio/sign-in"),
            ("POST", "/studio/sign-out"),
            ("POST", "/studio/session"),
            ("POST", "/studio/ticket"),
        ):
            answer = await browser.ask(method, path, b'{"key": ""}', STUDIO)
            assert answer.status == 404, path
            assert "Set admin_key" in answer.text
            assert "Set-Cookie" not in answer.headers


@asynchronous
async def test_the_session_reads_every_operators_route() -> None:
    async with _browser() as browser:
        cookie = await browser.sign_in()
        for _, path, _ in OPERATORS:
            assert await browser.read(cookie, STUDIO, path) == 200, path
            assert await browser.read("", STUDIO, path) == 401, path


@asynchronous
async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    async with _browser() as browser:
        body = f'{{"key": "{KEY}", "path": "/bots/one{BASE}/"}}'.encode()
        answer = await browser.ask("POST", "/studio/sign-in", body, {**STUDIO, "Origin": SISTER})
        stated = answer.headers["Set-Cookie"].split("; ")[1:]
        assert stated == [f"Path=/bots/one{BASE}/", "Max-Age=3600", "HttpOnly", "SameSite=Strict", "Secure"]
        for path in ("/", "evil", "//evil.example/", f"/x;Domain=example.com{BASE}/", f"/\r\nX: y{BASE}/"):
            body = f'{{"key": "{KEY}", "path": {_quoted(path)}}}'.encode()
            answer = await browser.ask("POST", "/studio/sign-in", body, STUDIO)
            assert f"; Path={BASE}/; " in answer.headers["Set-Cookie"], path


def _quoted(text: str) -> str:
    return '"' + text.replace("\r", "\\r").replace("\n", "\\n") + '"'


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Autoplay-Studio": "1", "Sec-Fetch-Site": "same-site", "Origin": SISTER},
        {"X-Autoplay-Studio": "1", "Sec-Fetch-Site": "cross-site", "Origin": STRANGER},
        {"X-Autoplay-Studio": "1", "Sec-Fetch-Site": "none"},
        {"X-Autoplay-Studio": "1", "Origin": SISTER},
        {"X-Autoplay-Studio": "1", "Origin": SISTER, "X-Forwarded-Host": "app.example.com"},
        {"X-Autoplay-Studio": "1", "Origin": "null"},
        {"X-Autoplay-Studio": "1", "Origin": ""},
        {"Sec-Fetch-Site": "same-origin"},
        {},
    ],
    ids=str,
)
@asynchronous
async def test_a_cookie_is_never_enough_for_another_page(headers: dict[str, str]) -> None:
    async with _browser() as browser:
        cookie = await browser.sign_in()
        assert await browser.read(cookie, STUDIO) == 200
        for _, path, _ in OPERATORS:
            assert await browser.read(cookie, headers, path) == 401, path
        with_cookie = {"Cookie": f"{COOKIE}={cookie}", **headers}
        answer = await browser.ask("POST", "/studio/sign-out", b"{}", with_cookie)
        assert answer.status == 403
        answer = await browser.ask("POST", "/studio/ticket", b"{}", with_cookie)
        assert answer.status == 401
        body = f'{{"key": "{KEY}"}}'.encode()
        assert (await browser.ask("POST", "/studio/sign-in", body, headers)).status == 403
        assert await browser.read(cookie, STUDIO) == 200, "nobody else has signed it out"


@asynchronous
async def test_no_other_origin_may_read_or_frame_the_studio() -> None:
    async with _browser() as browser:
        for origin in (SISTER, STRANGER, browser.served.origin):
            for method, path in (
                ("GET", "/studio"),
                ("GET", "/studio/main.js"),
                ("GET", "/studio/none.js"),
                ("OPTIONS", "/studio/sign-in"),
                ("POST", "/studio/sign-in"),
                ("POST", "/studio/session"),
            ):
                preflight = {
                    "Origin": origin,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "x-autoplay-studio",
                }
                answer = await browser.ask(method, path, b"{}", preflight)
                allowed = [name for name in answer.headers if name.lower().startswith("access-control-")]
                assert not allowed, (origin, path)
        for path in ("/studio", "/studio/main.js", "/studio/studio.css", "/studio/icon.svg"):
            headers = (await browser.ask("GET", path)).headers
            policy = headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in policy
            assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
            assert "unsafe" not in policy
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"


@asynchronous
async def test_only_files_of_the_studio_are_served() -> None:
    async with _browser() as browser:
        for path in (
            "../autoplay.d.ts",
            "..%2Fapi.js",
            "%2e%2e/api.js",
            "/etc/passwd",
            "screens/",
            "screens",
            "",
            "index.html%00",
            "main.js/",
        ):
            answer = await browser.ask("GET", f"/studio/{path}")
            # The client or the server may resolve "..", which leads to a public script or to nothing.
            assert answer.status in (200, 404), path
            assert "root:" not in answer.text


@asynchronous
async def test_a_damaged_or_foreign_cookie_is_refused() -> None:
    async with _browser() as browser, _browser(admin_key=f"{KEY}-of-another-server") as other:
        cookie = await browser.sign_in()
        payload, _, signature = cookie.partition(".")
        flipped = ("A" if payload[5] != "A" else "B").join([payload[:5], payload[6:]])
        foreign = await _signed_in(other, f"{KEY}-of-another-server")
        for damaged in (
            flipped + "." + signature,
            payload,
            payload + ".",
            "." + signature,
            f"{payload}.{signature[:-2]}",
            "é" * 20,
            "x" * 5_000,
            foreign,
        ):
            quoted = damaged.encode().decode("latin-1")
            assert await browser.read(quoted, STUDIO) == 401, damaged[:40]
        assert await browser.read(cookie, STUDIO) == 200


async def _signed_in(browser: Browser, key: str) -> str:
    answer = await browser.ask("POST", "/studio/sign-in", f'{{"key": "{key}"}}'.encode(), STUDIO)
    assert answer.status == 200
    return answer.cookie


@asynchronous
async def test_signing_out_ends_the_session_at_this_server() -> None:
    async with _browser() as browser:
        cookie, another = await browser.sign_in(), await browser.sign_in()
        with_cookie = {**STUDIO, "Cookie": f"{COOKIE}={cookie}"}
        answer = await browser.ask("POST", "/studio/sign-out", b"{}", with_cookie)
        assert (answer.status, answer.cookie) == (200, "")
        assert "Max-Age=0" in answer.headers["Set-Cookie"]
        assert await browser.read(cookie, STUDIO) == 401, "a stolen copy is useless too"
        assert (await browser.ask("POST", "/studio/session", b"{}", with_cookie)).cookie == ""
        assert await browser.read(another, STUDIO) == 200


@asynchronous
async def test_guessing_keys_and_tickets_is_throttled_together() -> None:
    async with _browser() as browser:
        found = []
        for number in range(30):
            body = f'{{"key": "guess-{number}"}}' if number % 2 else f'{{"ticket": "guess.{number}"}}'
            found.append((await browser.ask("POST", "/studio/sign-in", body.encode(), STUDIO)).status)
        assert set(found) == {401, 429}
        assert found.count(401) <= 12
        right = f'{{"key": "{KEY}"}}'.encode()
        answer = await browser.ask("POST", "/studio/sign-in", right, STUDIO)
        assert answer.status == 429, "else guessing could go on"
        assert answer.headers["Retry-After"]
        bearer = {"Authorization": f"Bearer {KEY}"}
        assert (await browser.ask("GET", "/explain/u1", b"", bearer)).status == 429


@asynchronous
async def test_a_ticket_signs_in_once() -> None:
    async with _browser() as browser:
        bearer = {"Authorization": f"Bearer {KEY}"}
        _, made = await browser.served.request("POST", "/studio/ticket", b"{}", bearer)
        assert made["expires_in_s"] == 60
        body = f'{{"ticket": "{made["ticket"]}"}}'.encode()
        first = await browser.ask("POST", "/studio/sign-in", body, STUDIO)
        assert first.status == 200
        replayed = await browser.ask("POST", "/studio/sign-in", body, STUDIO)
        assert (replayed.status, replayed.cookie) == (401, "")
        assert "was used already" in replayed.text
        assert await browser.read(first.cookie, STUDIO) == 200
        # A ticket is no cookie, and a cookie is no ticket.
        _, made = await browser.served.request("POST", "/studio/ticket", b"{}", bearer)
        assert await browser.read(made["ticket"], STUDIO) == 401
        body = f'{{"ticket": "{first.cookie}"}}'.encode()
        assert (await browser.ask("POST", "/studio/sign-in", body, STUDIO)).status == 401


@pytest.mark.parametrize("wanted", ["0", "-1", "3601", '"60"', "null", "true", "1e999", "[]"])
@asynchronous
async def test_rejects_tickets_that_live_too_long(wanted: str) -> None:
    async with _browser() as browser:
        bearer = {"Authorization": f"Bearer {KEY}"}
        body = f'{{"expires_in_s": {wanted}}}'.encode()
        assert (await browser.ask("POST", "/studio/ticket", body, bearer)).status == 400


@asynchronous
async def test_the_key_is_in_no_answer_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with _browser() as browser:
        bearer = {"Authorization": f"Bearer {KEY}"}
        cookie = await browser.sign_in()
        _, ticket = await browser.served.request("POST", "/studio/ticket", b"{}", bearer)
        texts = [str(ticket), cookie]
        for body in (f'{{"key": "{KEY}x"}}', f'{{"key": ["{KEY}"]}}', f'{{"key": "{KEY}"', f'"{KEY}"'):
            answer = await browser.ask("POST", "/studio/sign-in", body.encode(), STUDIO)
            texts.append(answer.text + str(answer.headers))
        assert KEY not in "".join(texts)
        assert KEY not in caplog.text
        assert ticket["ticket"] not in caplog.text
        assert cookie not in caplog.text
