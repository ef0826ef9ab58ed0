import logging
import os

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

WEBHOOK = Webhook(os.environ["AUTOPLAY_OUTCOMES_SECRET"])
SEEN: set[str] = set()  # your database, with the id as its key


async def receive(request: web.Request) -> web.Response:
    try:
        outcome = WEBHOOK.verify(await request.read(), dict(request.headers))
    except WebhookVerificationError:
        return web.Response(status=401)
    if outcome["id"] not in SEEN:  # a repetition has the same id
        SEEN.add(outcome["id"])
        logging.warning("%s %s", outcome["type"], outcome["data"]["user_id"])
    return web.Response(status=204)


app = web.Application()
app.router.add_post("/hooks/autoplay", receive)
