"""The operators' routes require the admin key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from support.sanic_server import client_of, fresh_app
from support.stand_in_link import StandInLink

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes import blueprint as routes
from rasa_autoplay.gateway.sources.connector import AsyncConnectorClient
from rasa_autoplay.link.requests import ExplainUser, FindOffer, FindOffersOfUser, FindResults, FindUserMemory
from rasa_autoplay.link.studio_requests import (
    DeleteUser,
    ExplainMoment,
    ExportUser,
    FindNearness,
    FindPeople,
    FindPerson,
    FindRecordings,
    FindTimeline,
)
from rasa_autoplay.settings.channel import ChannelSettings

pytestmark = pytest.mark.asyncio
KEY = "s3cret-word-of-operators"
EXPLAIN = "/webhooks/autoplay/explain/"
ANSWER: dict[str, Any] = {"user_id": "u1", "session": None, "triggers": []}


class _Operator:
    def __init__(self, client: Any, link: StandInLink) -> None:
        self.link = link
        self._client = client

    async def get(self, user: str, authorization: str | None = f"Bearer {KEY}") -> Any:
        headers = {} if authorization is None else {"authorization": authorization}
        return await self._client.get(EXPLAIN + user, headers=headers)

    @property
    def port(self) -> int:
        return int(self._client.base_url.port)

    async def read(self, path: str, authorization: str = f"Bearer {KEY}") -> Any:
        url = f"/webhooks/autoplay/{path}"
        return await self._client.get(url, headers={"authorization": authorization})

    async def post(self, path: str, body: Any, authorization: str = f"Bearer {KEY}") -> Any:
        url = f"/webhooks/autoplay/{path}"
        return await self._client.post(url, json=body, headers={"authorization": authorization})

    async def memory(self, path: str, authorization: str = f"Bearer {KEY}") -> Any:
        url = f"/webhooks/autoplay/users/{path}/memory"
        return await self._client.get(url, headers={"authorization": authorization})


@pytest.fixture
def admin_key() -> str:
    return KEY


@pytest_asyncio.fixture
async def operator(admin_key: str) -> AsyncIterator[_Operator]:
    settings = ChannelSettings.parse_obj({"product_id": "demo", "identity": "none", "admin_key": admin_key})
    gateway, link = Gateway(settings), StandInLink()
    gateway.link = link
    gateway.feeds = FeedHub(link.send)
    app = fresh_app()
    app.blueprint(routes.gateway_blueprint(gateway), url_prefix="/webhooks/autoplay")
    async with client_of(app) as client:
        yield _Operator(client, link)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_admin_key_grants_access(operator: _Operator, scheme: str) -> None:
    response = await operator.get("u1", f"{scheme} {KEY}")
    assert (response.status_code, response.json()) == (200, ANSWER)
    assert operator.link.asked == [ExplainUser("u1")]


async def test_decodes_the_user_id_in_the_url(operator: _Operator) -> None:
    await operator.get("anna%2Fberg%40example.com")
    assert operator.link.asked == [ExplainUser("anna/berg@example.com")]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", f"Basic {KEY}", KEY, f"Bearer {KEY}x", f"Bearer {KEY[:-1]}"],
)
async def test_rejects_a_missing_key_without_asking_the_engine(
    operator: _Operator, authorization: str | None
) -> None:
    response = await operator.get("u1", authorization)
    assert response.status_code == 401
    assert "Authorization: Bearer" in response.json()["remedy"]
    assert KEY not in json.dumps(response.json())
    assert not operator.link.asked


@pytest.mark.parametrize("user", ["%20", "x" * 600])
async def test_rejects_an_invalid_user_id(operator: _Operator, user: str) -> None:
    assert (await operator.get(user)).status_code == 400
    assert not operator.link.asked


async def test_answers_502_with_a_remedy_when_the_engine_is_unreachable(operator: _Operator) -> None:
    operator.link.failure = EngineUnreachable("It does not answer.", remedy="Start it.")
    response = await operator.get("u1")
    assert (response.status_code, response.json()["remedy"]) == (502, "Start it.")


@pytest.mark.parametrize("admin_key", [""])
async def test_route_without_a_configured_key_names_the_setting(operator: _Operator) -> None:
    for authorization in (None, "Bearer", "Bearer anything"):
        response = await operator.get("u1", authorization)
        assert response.status_code == 404
        assert "admin_key" in response.json()["remedy"]
        assert "credentials.yml" in response.json()["remedy"]
    assert not operator.link.asked


async def test_user_memory_requires_the_key(operator: _Operator) -> None:
    assert (await operator.memory("demo/u1", "Bearer other")).status_code == 401
    assert not operator.link.asked
    response = await operator.memory("demo/anna%2Fberg%40example.com")
    assert (response.status_code, response.json()) == (200, {"user_id": "u1"})
    assert operator.link.asked == [FindUserMemory("anna/berg@example.com", "demo")]


@pytest.mark.parametrize("path", ["demo/%20", f"demo/{'x' * 600}", f"{'x' * 600}/u1"])
async def test_rejects_a_memory_request_without_a_user(operator: _Operator, path: str) -> None:
    assert (await operator.memory(path)).status_code == 400
    assert not operator.link.asked


async def test_offer_timelines_require_the_key(operator: _Operator) -> None:
    for path in ("offers/offer_1", "users/demo/u1/offers"):
        assert (await operator.read(path, "Bearer other")).status_code == 401
    assert not operator.link.asked
    offer = {"offer_id": "o1"}
    for path, answer in (
        ("offers/offer_1", offer),
        ("users/demo/anna%2Fberg/offers", {"offers": [offer]}),
        ("users/demo/u1/offers?limit=5", {"offers": [offer]}),
    ):
        response = await operator.read(path)
        assert (response.status_code, response.json()) == (200, answer)
    assert operator.link.asked == [
        FindOffer("offer_1"),
        FindOffersOfUser("anna/berg", "demo", 20),
        FindOffersOfUser("u1", "demo", 5),
    ]


async def test_results_require_the_key(operator: _Operator) -> None:
    assert (await operator.read("results", "Bearer other")).status_code == 401
    assert not operator.link.asked
    for path in ("results", "results?since=2026-11-29&trigger=bulk%20edit"):
        response = await operator.read(path)
        assert (response.status_code, response.json()) == (200, {"product_id": "demo", "triggers": []})
    assert operator.link.asked == [FindResults("30d"), FindResults("2026-11-29", "bulk edit")]


async def test_rejects_a_period_that_is_too_long(operator: _Operator) -> None:
    assert (await operator.read(f"results?since={'1d' * 50}")).status_code == 400
    assert (await operator.read(f"results?trigger={'x' * 300}")).status_code == 400
    assert not operator.link.asked


@pytest.mark.parametrize("limit", ["0", "201", "-1", "five", "1e3", "²"])
async def test_rejects_an_offer_limit_that_is_not_a_number(operator: _Operator, limit: str) -> None:
    assert (await operator.read(f"users/demo/u1/offers?limit={limit}")).status_code == 400
    assert not operator.link.asked


async def test_sdk_client_reads_the_response(operator: _Operator) -> None:
    base = f"http://127.0.0.1:{operator.port}/webhooks/autoplay"
    client = AsyncConnectorClient(base, KEY, product_id="demo")
    memory = await client.get_user_memory(user_id="anna/berg")
    assert memory.user_id == "u1"
    assert operator.link.asked == [FindUserMemory("anna/berg", "demo")]


async def test_recordings_require_the_key(operator: _Operator) -> None:
    user, session = "demo/anna%2Fberg", "session=ps%2F1"
    paths = (
        f"recordings/{user}",
        f"recordings/{user}?{session}",
        f"nearness/{user}?{session}",
        f"nearness/{user}?{session}&columns=7",
        f"explain/anna%2Fberg?{session}&at=1700000000.5",
        "explain/anna%2Fberg?at=2023-11-14T22:13:20%2B00:00",
    )
    for path in paths:
        assert (await operator.read(path, "Bearer other")).status_code == 401
    assert not operator.link.asked
    for path in paths:
        response = await operator.read(path)
        assert (response.status_code, response.json()["user_id"]) == (200, "u1")
    assert operator.link.asked == [
        FindRecordings("anna/berg", "demo"),
        FindTimeline("anna/berg", "demo", "ps/1"),
        FindNearness("anna/berg", "demo", "ps/1", 120),
        FindNearness("anna/berg", "demo", "ps/1", 7),
        ExplainMoment("anna/berg", "ps/1", 1_700_000_000.5),
        ExplainMoment("anna/berg", "", 1_700_000_000.0),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "nearness/demo/u1",
        "nearness/demo/u1?session=s1&columns=0",
        "nearness/demo/u1?session=s1&columns=401",
        "nearness/demo/u1?session=s1&columns=x",
        "explain/u1?at=yesterday",
        "explain/u1?at=nan",
        "explain/u1?session=" + "x" * 600,
        "recordings/demo/u1?session=%00",
    ],
)
async def test_rejects_a_recording_that_cannot_exist(operator: _Operator, path: str) -> None:
    assert (await operator.read(path)).status_code == 400
    assert not operator.link.asked


async def test_people_are_found_exported_and_deleted_with_the_key(operator: _Operator) -> None:
    for path in ("people", "users/demo/u1/person", "users/demo/u1/export"):
        assert (await operator.read(path, "Bearer other")).status_code == 401
    assert (await operator.post("users/demo/u1/delete", {"by": "Ann"}, "Bearer other")).status_code == 401
    assert not operator.link.asked
    found = await operator.read("people?q=plan%3Dpro&state=mastered&path=export&limit=7")
    assert (found.status_code, found.json()["people"]) == (200, [])
    person = await operator.read("users/demo/anna%2Fberg/person")
    assert person.json()["workflows"] == []
    exported = await operator.read("users/demo/anna%2Fberg/export?by=Ann")
    assert exported.json()["user_id"] == "u1"
    deleted = await operator.post("users/demo/anna%2Fberg/delete", {"by": "Ann"})
    assert deleted.json() == {"deleted": {"sessions": 1, "offers": 0}, "fingerprint": "0123456789abcdef"}
    assert operator.link.asked == [
        FindPeople("plan=pro", "mastered", "export", 7),
        FindPerson("anna/berg", "demo"),
        ExportUser("anna/berg", "demo", "Ann"),
        DeleteUser("anna/berg", "demo", "Ann"),
    ]


@pytest.mark.parametrize("body", [{}, {"by": ""}, {"by": 7}, {"by": "x" * 501}, []])
async def test_deletes_nobody_without_a_name(operator: _Operator, body: Any) -> None:
    assert (await operator.post("users/demo/u1/delete", body)).status_code == 400
    assert not operator.link.asked


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "q=" + "x" * 201, "state=" + "x" * 21])
async def test_rejects_a_search_that_is_too_large(operator: _Operator, query: str) -> None:
    assert (await operator.read(f"people?{query}")).status_code == 400
    assert not operator.link.asked
