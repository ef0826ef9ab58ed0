"""The browser script as it is served, and what its feed sends to the server."""

from __future__ import annotations

import gzip
import importlib.util
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from sanic import Blueprint
from support.run import asynchronous
from support.sanic_server import fresh_app, serving
from support.stand_in_link import StandInLink

from rasa_autoplay.gateway.chat.open_talks import OpenTalks
from rasa_autoplay.gateway.chat.openings import ChatOpener
from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes import browser_script as script
from rasa_autoplay.gateway.routes.blueprint import gateway_blueprint
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import FeedOpened
from rasa_autoplay.link.requests import PrepareInject
from rasa_autoplay.settings.channel import ChannelSettings

STATIC = Path(script.__file__).parents[1] / "static"
#: Of a script that is compressed with gzip.
MAX_BYTES = 7 * 1024
BOTH = ("/autoplay.js", "/autoplay.mjs")
#: The encoding that is preferred: brotli is no dependency.
BEST = "br" if importlib.util.find_spec("brotli") else "gzip"
ALL = (
    *BOTH,
    "/offers.mjs",
    "/posthog_consent.mjs",
    "/toast.mjs",
    "/own_toast.mjs",
    "/tours.mjs",
    "/tips.mjs",
    "/recorder.mjs",
    "/chat.mjs",
    "/rasa-widget.mjs",
)
#: The modules of all scripts; the studio has its own.
FILES = [
    file
    for folder in ("", "chat_window", "elements", "recorder", "tips")
    for file in sorted((STATIC / folder).glob("*.js"))
]


@asynccontextmanager
async def served(**headers: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve only the script's routes."""
    app = fresh_app()
    blueprint = Blueprint("script_only")
    script.add_script_routes(blueprint, lambda: None)
    app.blueprint(blueprint)
    async with serving(app) as origin, aiohttp.ClientSession(origin, headers=headers) as client:
        yield client


@pytest.mark.parametrize("path", ALL)
@asynchronous
async def test_serves_both_scripts_with_script_headers(path: str) -> None:
    async with served() as client, client.get(path) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert ("createCopilot" in await answer.text()) == (path in BOTH)


@asynchronous
async def test_serves_type_declarations_beside_the_script() -> None:
    async with served() as client, client.get("/autoplay.d.ts") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "export function createCopilot(" in await answer.text()


@pytest.mark.parametrize("path", ALL)
@asynchronous
async def test_answers_304_when_the_browser_has_the_script(path: str) -> None:
    async with served() as client:
        async with client.get(path) as answer:
            etag = answer.headers["ETag"]
        assert re.fullmatch(r'"[0-9a-f]{32}(-br|-gzip)"', etag)
        for known in (etag, f'"other", W/{etag}'):
            async with client.get(path, headers={"If-None-Match": known}) as answer:
                assert (answer.status, await answer.read()) == (304, b"")
                assert answer.headers["ETag"] == etag
        async with client.get(path, headers={"If-None-Match": '"other"'}) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("path", ALL)
@asynchronous
async def test_answers_head_requests(path: str) -> None:
    async with served() as client, client.head(path) as answer:
        assert answer.status == 200
        assert "ETag" in answer.headers


@pytest.mark.parametrize(
    ("form", "max_bytes"),
    [
        (script.as_classic_script, MAX_BYTES),
        (script.as_module, MAX_BYTES),
        (script.as_offer_module, 3 * 1024),
        (script.as_consent_module, 1024),
        (script.as_toast_module, MAX_BYTES),
        (script.as_own_toast_module, 4 * 1024),
        (script.as_tour_module, 8 * 1024),
        (script.as_tip_module, 4 * 1024),
        (script.as_recorder_module, 25 * 1024),
        # With its Socket.IO client.
        (script.as_chat_module, 20 * 1024),
        (script.as_rasa_widget_module, 1536),
    ],
)
def test_script_stays_within_its_size_limit(form: Callable[[], str], max_bytes: int) -> None:
    header, _, code = form().partition("\n")
    assert header.startswith("/*!")
    assert header.endswith("*/")
    assert len(gzip.compress(code.encode())) <= max_bytes
    assert not re.search(r"^\s*(//|/\*|\*)", code, re.MULTILINE)


@pytest.mark.parametrize("path", [*ALL, "/autoplay.d.ts"])
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("deflate, GZIP;q=0.5", "gzip"),
        ("*", BEST),
        ("gzip, deflate, br, zstd", BEST),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("gzip;q=0, *;q=0", None),
        ("gzip;q=x;, gzipped", None),
    ],
)
@asynchronous
async def test_each_browser_gets_the_encoding_that_it_accepts(
    path: str, accepted: str, encoding: str | None
) -> None:
    async with served() as client, client.get(path, headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers
        async with client.get(path, headers={"Accept-Encoding": accepted}) as answer:
            assert answer.headers.get("Content-Encoding") == encoding
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert (answer.headers["ETag"] == plain.headers["ETag"]) == (encoding is None)
            assert await answer.text() == await plain.text()
            assert (answer.content_length or 0) < (plain.content_length or 0) * 0.6 or encoding is None


@asynchronous
async def test_a_cache_keeps_encodings_and_origins_apart() -> None:
    path = "/webhooks/autoplay/autoplay.js"
    async with gateway_open() as (client, _feeds, _link), client.get(path) as answer:
        assert answer.headers.getall("Vary") == ["Origin, Accept-Encoding"]


def test_bundles_every_module() -> None:
    assert {file.stem for file in STATIC.glob("*.js")} == {
        *script.MODULES,
        *script.CONSENT_MODULES,
        *script.OFFER_MODULES,
        *script.OWN_TOAST_MODULES,
        *script.RASA_WIDGET_MODULES,
        *script.TOAST_MODULES,
        *script.TOUR_MODULES,
        "tag",
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(STATIC)))
def test_every_module_can_be_bundled(file: Path) -> None:
    code = file.read_text("utf-8")
    for line in code.splitlines():
        assert not line.startswith("import") or re.fullmatch(
            r'import \{ [\w, ]+ \} from "\.{1,2}/[a-z_/]+\.js";', line
        )
        assert not line.startswith("export") or re.match(r"export (async )?(const|function\*?) ", line)
        # A comment after code would stay, and one that starts in the middle of a line would not end.
        assert not re.search(r"\S\s+//\s|[;{}),]\s+/\*", line)


def test_module_names_do_not_collide() -> None:
    names = [
        name
        for file in FILES
        for name in re.findall(
            r"^(?:export )?(?:async )?(?:const|let|function\*?) (\w+)", file.read_text(), re.M
        )
    ]
    assert len(names) == len(set(names))


def test_rejects_a_module_that_needs_a_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "MODULES", tuple(reversed(script.MODULES)))
    with pytest.raises(ValueError, match=r"static/copilot\.js needs \w+\.js before it"):
        script.as_classic_script()


def test_elements_stay_within_their_size_limit() -> None:
    """They may take 8 of the recorder's 25 KB. Only tools look for lost elements."""
    files = [
        file
        for file in FILES
        if file.parent.name == "elements" and file.stem not in ("most_similar", "similar_words")
    ]
    lines = [line for file in files for line in script.code_lines(file.read_text("utf-8"))]
    code = "\n".join(line for line in lines if not line.startswith("import "))
    assert len(gzip.compress(code.encode())) <= 8 * 1024


def test_joins_the_modules_of_a_folder_after_those_that_they_import(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(script, "_STATIC", tmp_path)
    (tmp_path / "room").mkdir()
    write = {"a": "b", "b": "c", "c": ""}
    for name, needed in write.items():
        line = f'import {{ {needed} }} from "./{needed}.js";\n' if needed else ""
        (tmp_path / "room" / f"{name}.js").write_text(f"{line}export const {name} = 1;\n")
    assert script.folder_modules("room") == ["room/c", "room/b", "room/a"]
    (tmp_path / "room" / "c.js").write_text('import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"static/room/a\.js imports itself by way of others"):
        script.folder_modules("room")


def test_recorder_imports_only_what_the_other_scripts_export() -> None:
    exported = {
        "toast.mjs": script.as_toast_module(),
        "tours.mjs": script.as_tour_module(),
    }
    imports = re.findall(r'^import \{ (.+) \} from "\./([\w.]+)";$', script.as_recorder_module(), re.M)
    assert imports
    for names, origin in imports:
        last = re.findall(r"^export \{ (.+) \};$", exported[origin], re.M)[-1]
        assert set(names.split(", ")) <= set(last.split(", "))


def test_script_builds_no_html_from_strings() -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(",
        script.as_module()
        + script.as_offer_module()
        + script.as_consent_module()
        + script.as_toast_module()
        + script.as_tour_module()
        + script.as_recorder_module()
        + script.as_chat_module(),
    )


# What the feed sends to the server -------------------------------------------------------------------------


class _Windows:
    async def say(self, sender_id: str, text: str, button: object = None) -> None: ...


@asynccontextmanager
async def gateway_open() -> AsyncIterator[tuple[aiohttp.ClientSession, FeedHub, StandInLink]]:
    """All routes of a gateway whose engine is a stand-in."""
    gateway = Gateway(ChannelSettings.parse_obj({"product_id": "demo", "identity": "none"}))
    link = StandInLink()
    gateway.link, gateway.feeds, gateway.chat_opener = (
        link,
        FeedHub(link.send),
        ChatOpener(link, _Windows(), OpenTalks(time.monotonic)),
    )
    app = fresh_app()
    app.blueprint(gateway_blueprint(gateway), url_prefix="/webhooks/autoplay")
    async with serving(app) as origin, aiohttp.ClientSession(origin) as client:
        try:
            yield client, gateway.feeds, link
        finally:
            gateway.feeds.end_all()
            await gateway.chat_opener.stop()


@asynchronous
async def test_feed_ends_after_the_requested_wait() -> None:
    async with gateway_open() as (client, feeds, _link):
        begun = time.monotonic()
        async with client.get("/webhooks/autoplay/proactive/stream/u1?wait=2") as feed:
            await feed.content.readuntil(b"\n\n")
            await feeds.deliver(FeedFrame("u1", "proactive", "o1", "{}"))
            text = await feed.text()
        assert time.monotonic() - begun > 1.9
        assert "event: proactive\nid: o1\ndata: {}\n\n" in text


@pytest.mark.parametrize("wait", ["-1", "nan", "soon", "3601"])
@asynchronous
async def test_rejects_an_invalid_wait(wait: str) -> None:
    async with gateway_open() as (client, _feeds, link):
        async with client.get(f"/webhooks/autoplay/proactive/stream/u1?wait={wait}") as answer:
            assert answer.status == 400
            assert "'wait' must be a number of seconds" in (await answer.json())["error"]
        assert link.sent == []


@pytest.mark.parametrize(
    ("query", "header", "last"),
    [
        ("last_event_id=o1", None, "o1"),
        ("last_event_id=&wait=0.1&token=", None, ""),
        ("last_event_id=o1", "o2", "o2"),  # a browser's own reconnection has the newer id
    ],
)
@asynchronous
async def test_accepts_the_last_offer_id_by_query_or_header(
    query: str, header: str | None, last: str
) -> None:
    headers = {"Last-Event-ID": header} if header else {}
    async with gateway_open() as (client, _feeds, link):
        async with client.get(f"/webhooks/autoplay/proactive/stream/u1?{query}", headers=headers):
            pass
        opened = [message.feed for message in link.sent if isinstance(message, FeedOpened)]
        assert [feed.last_offer_id for feed in opened] == [last]


@asynchronous
async def test_chat_receives_the_step_where_a_tour_failed() -> None:
    async with gateway_open() as (client, _feeds, link):
        body = {"sender_id": "w1", "body": "x", "user_id": "u1", "trigger_id": "t1", "offer_id": "o1"}
        for step in ({}, {"step": "select"}, {"step": "select"}):
            async with client.post("/webhooks/autoplay/proactive/inject", json={**body, **step}) as answer:
                assert answer.status == 200
        asked = [each.step for each in link.asked if isinstance(each, PrepareInject)]
        assert asked == ["", "select"]
