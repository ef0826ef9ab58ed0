"""The engine is killed repeatedly while many users work: no toast is lost, and none is shown twice.

In one process, where a kill can be timed; the restart scenarios do it to real processes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path

from support.background import eventually
from support.deployment import Deployment, Stream, deployed
from support.run import asynchronous
from support.stories import batch, save

SECRET = "webhook-secret-word"
USERS = 60
KILLS = 4


async def tell(made: Deployment, user: str) -> None:
    """Send three saves, each in its own batch."""
    begun = time.time() - 40
    for number in range(3):
        saved = save(at=begun + 10 * number)
        body = json.dumps(
            batch(saved, session_id=f"ps-{user}", user_id=user, forwarded_at=time.time())
        ).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        status, _ = await made.request("POST", "/events", body, {"X-Connector-Signature": signature})
        assert status == 200
        await asyncio.sleep(0.4)


async def kill_again_and_again(made: Deployment) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(0.3)
        await made.actions.kill()
        await asyncio.sleep(0.1)
        await made.actions.start()


@asynchronous
async def test_sixty_users_get_every_toast_exactly_once(tmp_path: Path) -> None:
    async with deployed(tmp_path, webhook_secret=SECRET) as made:
        users = [f"user-{number}" for number in range(USERS)]
        streams: dict[str, Stream] = {user: await made.listen(user) for user in users}

        async def begin(place: int, user: str) -> None:
            await asyncio.sleep(place * 0.02)
            await tell(made, user)

        await asyncio.gather(
            kill_again_and_again(made), *(begin(place, user) for place, user in enumerate(users))
        )
        await eventually(lambda: all(stream.toasts for stream in streams.values()), what="everybody's toast")
        # Any duplicate would arrive before the toast of a user who starts now.
        await made.check_still_serves()
        assert [user for user, stream in streams.items() if len(stream.toasts) != 1] == []
        for user in users:
            offers = await made.engine.stores.ledger.history("demo", user)
            assert [offer.offer_id for offer in offers] == [streams[user].toasts[0]["offer_id"]]
