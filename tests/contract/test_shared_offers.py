"""Two engines on Redis answer a back end's retries, and one of them is killed: no offer is made twice."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path

from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import SharedGateway, engines, eventually, saves, shared_gateway, write_autoplay

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.offer_answers import OfferAnswer
from rasa_autoplay.link.offer_requests import MakeOffer

_EXTERNAL = '  - {id: suggestion, external: true, body: "Ready?", offer_ttl: 1h}\ngolden_paths:'
_POSTS = 4


async def until_answered(gateway: SharedGateway, request: MakeOffer) -> OfferAnswer:
    """Send a request again until it has an answer."""
    while True:
        try:
            return await gateway.link.ask(request, 5.0)
        except EngineUnreachable:
            pass
        except EngineRefused as problem:
            if problem.kind not in ("conflict", "unavailable", "not_found"):
                raise
        await asyncio.sleep(0.3)


@asynchronous
async def test_retries_over_two_engines_make_one_offer_each(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    path = tmp_path / "autoplay.yml"
    path.write_text(path.read_text("utf-8").replace("golden_paths:", _EXTERNAL, 1), "utf-8")
    users = [f"ann {number}" for number in range(30)]
    async with (
        shared_gateway(redis_server) as gateway,
        engines(file, gateway.link, "one", "two") as (one, two),
    ):
        for user in users:
            gateway.browser(user)
            gateway.link.send(saves(user, 1)[0])
        requests = [MakeOffer(user, "suggestion", key=user.replace(" ", "-")) for user in users] * _POSTS
        answers: dict[str, list[OfferAnswer]] = defaultdict(list)

        async def ask(request: MakeOffer) -> None:
            answers[request.user_id].append(await until_answered(gateway, request))

        async def strike() -> None:
            await eventually(lambda: len(answers) > len(users) // 3)
            one.kill()

        await asyncio.gather(strike(), *map(ask, requests))
        assert {user for user in users if any(each != answers[user][0] for each in answers[user])} == set()
        await eventually(lambda: all(gateway.toasts(user) for user in users))
        assert {user: [answers[user][0].offer_id] for user in users} == {u: gateway.toasts(u) for u in users}
        assert two.is_running
