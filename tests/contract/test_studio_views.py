"""The operators' routes about triggers and golden paths."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from support.sanic_server import client_of, fresh_app
from support.stand_in_link import StandInLink

from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes import blueprint as routes
from rasa_autoplay.gateway.routes.studio import studio_contents
from rasa_autoplay.link.answers import EngineHealth, GoldenPathFound, GoldenPathsFound
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.link.studio_requests import (
    ChangePause,
    FindGoldenPath,
    FindGoldenPaths,
    FindTrigger,
    FindTriggers,
)
from rasa_autoplay.settings.channel import ChannelSettings

pytestmark = pytest.mark.asyncio
KEY = "s3cret-word-of-operators"
BASE = "/webhooks/autoplay"
AUTHORIZED = {"authorization": f"Bearer {KEY}"}
PAUSE = {"action": "pause", "trigger_id": "saves", "by": "Ann", "why": "wrong words"}
PATHS = ("/triggers", "/triggers/saves", "/golden-paths", "/golden-paths/export")


@pytest.fixture
def link() -> StandInLink:
    return StandInLink()


@pytest_asyncio.fixture
async def client(link: StandInLink) -> AsyncIterator[Any]:
    settings = ChannelSettings.parse_obj({"product_id": "demo", "identity": "none", "admin_key": KEY})
    gateway = Gateway(settings)
    gateway.link = link
    gateway.feeds = FeedHub(link.send)
    app = fresh_app()
    app.blueprint(routes.gateway_blueprint(gateway), url_prefix=BASE)
    async with client_of(app) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
async def test_needs_the_admin_key(client: Any, link: StandInLink, path: str) -> None:
    assert (await client.get(BASE + path)).status_code == 401
    assert not link.asked
    assert (await client.get(BASE + path, headers=AUTHORIZED)).status_code == 200


async def test_a_pause_needs_the_key_and_is_passed_on(client: Any, link: StandInLink) -> None:
    assert (await client.post(f"{BASE}/pauses", json=PAUSE)).status_code == 401
    assert not link.asked
    answer = await client.post(f"{BASE}/pauses", json=PAUSE, headers=AUTHORIZED)
    assert (answer.status_code, answer.json()) == (200, {"has_changed": True, "pauses": []})
    assert link.asked == [ChangePause("pause", "saves", "Ann", "wrong words")]


@pytest.mark.parametrize(
    "body",
    [
        {**PAUSE, "why": "x" * 501},
        {**PAUSE, "by": 5},
        {**PAUSE, "trigger_id": "x" * 600},
        {name: value for name, value in PAUSE.items() if name != "action"},
        {name: value for name, value in PAUSE.items() if name != "by"},
    ],
)
async def test_rejects_an_unusable_pause(client: Any, link: StandInLink, body: dict[str, Any]) -> None:
    answer = await client.post(f"{BASE}/pauses", content=json.dumps(body), headers=AUTHORIZED)
    assert answer.status_code == 400
    assert not link.asked


async def test_ids_may_have_any_letters(client: Any, link: StandInLink) -> None:
    await client.get(f"{BASE}/triggers/a%2Fb%3Fc", headers=AUTHORIZED)
    await client.get(f"{BASE}/golden-paths/a%2Fb%3Fc", headers=AUTHORIZED)
    await client.get(f"{BASE}/triggers", headers=AUTHORIZED)
    assert link.asked == [FindTrigger("a/b?c"), FindGoldenPath("a/b?c"), GetHealth(), FindTriggers()]


async def test_elements_have_the_health_that_browsers_report(client: Any, link: StandInLink) -> None:
    path: Any = {
        "path_id": "export",
        "steps": [{"id": "menu", "element": "#menu", "last_done_at": 100.0}],
    }
    row = {"path": "export", "step": "menu", "selector": "#menu", "page": "/r", "problem": "missing"}
    link.answers[FindGoldenPath] = GoldenPathFound(path)
    link.answers[FindGoldenPaths] = GoldenPathsFound({"paths": [path], "at": 1.0})
    link.answers[GetHealth] = EngineHealth({"tour_problems": [{**row, "times": 3, "last_at": 200.0}]})
    one = (await client.get(f"{BASE}/golden-paths/export", headers=AUTHORIZED)).json()
    all_of_them = (await client.get(f"{BASE}/golden-paths", headers=AUTHORIZED)).json()
    assert one["steps"][0]["health"] == {"state": "missing", "at": 200.0, "page": "/r", "times": 3}
    assert all_of_them == {"at": 1.0, "paths": [one]}


async def test_preview_of_a_toast_can_send_nothing_and_only_our_page_frames_it(client: Any) -> None:
    answer = await client.get(f"{BASE}/studio/preview.html")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert not {"connect-src", "img-src", "frame-src"} & policy.keys()
    assert (policy["form-action"], policy["frame-ancestors"]) == ("'none'", "'self'")
    page = (await client.get(f"{BASE}/studio")).headers["content-security-policy"]
    assert "frame-src 'self'" in page


@pytest.mark.parametrize("name", ["dom", "options", "region", "spotlight"])
async def test_preview_uses_the_product_s_own_scripts(client: Any, name: str) -> None:
    answer = await client.get(f"{BASE}/studio/product/{name}.js")
    assert answer.content == studio_contents()[f"product/{name}.js"]
