"""Show me: the tour's life cycle, and where a tour is offered."""

from __future__ import annotations

import asyncio
import time

import pytest
from support.background import eventually, retry_until_shown
from support.connector import Connector
from support.pair import Pair
from support.stories import action, save
from support.user import User

DASHBOARD = "https://app.example.com/dashboard"
TOUR = "projects-bulk-edit"
#: The settings of the pair's sessions.
INTERACTION_TIMEOUT_S = COOLDOWN_S = 1.0


async def test_a_tour_is_started_followed_and_ended(pair: Pair) -> None:
    user = User(pair)
    async with user.feed() as feed:
        await user.send_story(user.story())
        toast = await feed.toast()
        (offered,) = toast.data["tours"]
        started = await pair.post("/tour/start", {"user_id": user.id, "tour_id": offered["id"]})
        assert started == (200, {"status": "ok", "flow_id": offered["flow_id"], "tour_id": TOUR})
        for _ in range(3):
            assert await pair.post("/tour/step", {"user_id": user.id}) == (200, {"status": "ok"})
        assert await pair.post("/tour/end", {"user_id": user.id}) == (200, {"status": "ok"})
    await pair.offer_is(toast.id, "accepted")


async def test_makes_no_offer_during_a_tour(pair: Pair, connector: Connector) -> None:
    """Tour steps keep the session busy past its interaction timeout: saves made meanwhile wait."""

    async def shows_it() -> bool:
        user = User(pair)
        async with user.feed() as feed:
            connector.send(user.batch(action("Page load: Projects", at=time.time() - 60, type="pageview")))
            await pair.has_taken(user.id, 1)
            left = time.time()
            assert (await pair.post("/tour/start", {"user_id": user.id, "tour_id": TOUR}))[0] == 200
            connector.send(user.batch(*(save(at=left - 10 * i) for i in range(3))))
            for _ in range(4):
                await asyncio.sleep(0.6)
                before, left = left, time.time()
                assert (await pair.post("/tour/step", {"user_id": user.id}))[0] == 200
                if time.time() - before > INTERACTION_TIMEOUT_S - 0.1:
                    return False  # the tour may have timed out before the step arrived
                assert not feed.toasts
            before, left = left, time.time()
            assert (await pair.post("/tour/end", {"user_id": user.id}))[0] == 200
            if time.time() - before > INTERACTION_TIMEOUT_S - 0.1:
                return False
            toast = await feed.toast()
            quiet_s = INTERACTION_TIMEOUT_S + COOLDOWN_S
            assert toast.at - left >= quiet_s - 0.1, "interaction timeout and cooldown come first"
            return True

    await retry_until_shown(shows_it)


async def test_a_tour_starts_without_a_session(pair: Pair) -> None:
    nobody = User(pair, "nobody").id
    started = await pair.post("/tour/start", {"user_id": nobody, "tour_id": TOUR})
    assert started[0] == 200
    assert started[1]["flow_id"]
    for route in ("/tour/step", "/tour/end"):
        assert await pair.post(route, {"user_id": nobody}) == (200, {"status": "no_session"})


@pytest.mark.parametrize(
    ("route", "body", "status"),
    [
        ("/tour/start", {"user_id": "u"}, 400),
        ("/tour/start", {"tour_id": TOUR}, 400),
        ("/tour/start", {"user_id": "", "tour_id": ""}, 400),
        ("/tour/start", {"user_id": 7.5, "tour_id": TOUR}, 400),
        ("/tour/start", ["u", TOUR], 400),
        ("/tour/start", {"user_id": "u", "tour_id": "no-such-tour"}, 404),
        ("/tour/step", {}, 400),
        ("/tour/end", {}, 400),
    ],
)
async def test_rejects_wrong_bodies_with_an_error(pair: Pair, route: str, body: object, status: int) -> None:
    answered, answer = await pair.post(route, body)
    assert answered == status
    assert answer["error"]
    assert set(answer) <= {"error", "remedy"}


async def test_withdraws_a_late_toast_when_the_user_left_the_page(pair: Pair, connector: Connector) -> None:
    """Made on /projects, but the user is on /dashboard when a feed opens: the offer is withdrawn."""
    user, now = User(pair), time.time()
    connector.send(user.batch(*(save(at=now - 10 * i) for i in range(3))))
    offer_id = await pair.offer_to(user.id)
    moved = action("Page load: Dashboard", at=time.time(), url=DASHBOARD, type="pageview")
    connector.send(user.batch(moved))

    await pair.has_seen_on(user.id, "/dashboard")
    async with user.feed() as feed:
        await eventually(lambda: "withdrawn" in pair.receipts(offer_id), what="the offer is withdrawn")
        await feed.stays_silent(0.5)
