"""The routes of the assistant: ``reply`` for users, ``knowledge-base`` for holders of the admin key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from support.sanic_server import client_of, fresh_app
from support.stand_in_link import StandInLink

from rasa_autoplay.common.identity.user_tokens import mint_token
from rasa_autoplay.common.records import Records
from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes import blueprint as routes
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.requests import Reply, SearchKnowledge
from rasa_autoplay.settings.channel import ChannelSettings

pytestmark = pytest.mark.asyncio
KEY = "s3cret-word-of-operators"
JWT_KEY = "k" * 40
BASE = "/webhooks/autoplay"
ADMIN = {"authorization": f"Bearer {KEY}"}


class _Visitor:
    def __init__(self, client: Any, link: StandInLink) -> None:
        self.link = link
        self._client = client

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return await self._client.get(BASE + path, headers=headers or {})


@pytest.fixture
def identity() -> dict[str, Any]:
    return {"identity": "none"}


@pytest_asyncio.fixture
async def visitor(identity: dict[str, Any]) -> AsyncIterator[_Visitor]:
    settings = ChannelSettings.parse_obj({"product_id": "demo", "admin_key": KEY, **identity})
    gateway, link = Gateway(settings), StandInLink()
    gateway.link = link
    gateway.feeds = FeedHub(link.send)
    app = fresh_app()
    app.blueprint(routes.gateway_blueprint(gateway), url_prefix=BASE)
    async with client_of(app) as client:
        yield _Visitor(client, link)


async def test_reply_route_answers_a_query(visitor: _Visitor) -> None:
    response = await visitor.get("/reply/anna%2Fberg?query=how%20do%20I%20export%3F")
    assert (response.status_code, response.json()) == (
        200,
        {"text": "Press it.", "source": "steps", "reply": "Press it."},
    )
    assert visitor.link.asked == [Reply("anna/berg", "how do I export?")]


@pytest.mark.parametrize("query", ["", "?query=", "?query=%20%0A", "?query=" + "x" * 2001, "?other=x"])
async def test_reply_requires_a_query(visitor: _Visitor, query: str) -> None:
    response = await visitor.get(f"/reply/u1{query}")
    assert response.status_code == 400
    assert "query" in response.json()["error"]
    assert not visitor.link.asked


@pytest.mark.parametrize(
    "identity", [{"identity": "required", "jwt_key": JWT_KEY, "link": {"secret": "l" * 32}}]
)
async def test_reply_is_for_the_user_of_the_token(visitor: _Visitor) -> None:
    token = mint_token("u2", JWT_KEY)
    assert (await visitor.get("/reply/u1?query=x")).status_code == 401
    headers = {"authorization": f"Bearer {token}"}
    assert (await visitor.get("/reply/u1?query=x", headers)).status_code == 403
    assert not visitor.link.asked
    assert (await visitor.get("/reply/u2?query=x", headers)).status_code == 200


async def test_knowledge_base_answers_in_the_connector_clients_format(visitor: _Visitor) -> None:
    response = await visitor.get("/knowledge-base/demo?query=export&top_k=2", ADMIN)
    assert response.status_code == 200
    records = Records.from_answer(response.json())
    assert (records[0].path_id, records.to_text()) == ("export", "Export:\n1. Press it.")
    assert visitor.link.asked == [SearchKnowledge("demo", "export", 2)]


async def test_returns_three_results_by_default(visitor: _Visitor) -> None:
    await visitor.get("/knowledge-base/demo?query=export", ADMIN)
    assert visitor.link.asked == [SearchKnowledge("demo", "export", 3)]


async def test_knowledge_base_requires_the_admin_key(visitor: _Visitor) -> None:
    assert (await visitor.get("/knowledge-base/demo?query=export")).status_code == 401
    assert not visitor.link.asked


@pytest.mark.parametrize("top_k", ["0", "-1", "51", "x", "1.5", "²"])
async def test_rejects_a_limit_that_is_not_a_number(visitor: _Visitor, top_k: str) -> None:
    response = await visitor.get(f"/knowledge-base/demo?query=export&top_k={top_k}", ADMIN)
    assert response.status_code == 400
    assert "top_k" in response.json()["error"]


async def test_knowledge_base_requires_a_query(visitor: _Visitor) -> None:
    assert (await visitor.get("/knowledge-base/demo", ADMIN)).status_code == 400


async def test_answers_404_for_another_product(visitor: _Visitor) -> None:
    visitor.link.failure = EngineRefused("not_found", "there is no product 'other' here")
    assert (await visitor.get("/knowledge-base/other?query=export", ADMIN)).status_code == 404
