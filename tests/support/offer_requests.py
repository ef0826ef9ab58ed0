"""Posts that make offers, as a team's back end sends them, and the files for them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from support.deployment import Deployment
from support.stories import batch, save

__all__ = ["AUTOPLAY", "SERVER_KEY", "WEBHOOK_SECRET", "begin_session", "post_offer"]

SERVER_KEY, WEBHOOK_SECRET = "server-secret-word", "webhook-secret-word"
#: Two external triggers, and a golden path.
AUTOPLAY = """\
product_id: demo
courtesy: {min_interval: 0}
triggers:
  - {id: suggestion, external: true}
  - {id: fixed, external: true, body: "Shall I show you how?", golden_path: projects-bulk-edit}
  - id: rule
    when: {count: {title: "save changes", at_least: 3}}
    body: "Three times?"
golden_paths: GOLDEN_PATHS
"""


async def begin_session(made: Deployment, user: str, saves: int = 1, session: str = "") -> None:
    """Let a user press Save changes that many times."""
    for number in range(saves):
        pressed = save(at=time.time() - 10 * (saves - number))
        data = batch(pressed, session_id=session or f"ps-{user}", user_id=user, forwarded_at=time.time())
        body = json.dumps(data).encode()
        signature = "sha256=" + hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        status, _ = await made.request("POST", "/events", body, {"X-Connector-Signature": signature})
        assert status == 200


async def post_offer(
    made: Deployment, key: str, content: Any = None, *, server_key: str = SERVER_KEY, **fields: Any
) -> tuple[int, Any]:
    """Ask for an offer; return the status and the answer."""
    headers = {"Authorization": f"Bearer {server_key}", **({"Idempotency-Key": key} if key else {})}
    return await made.request("POST", "/offers", fields if content is None else content, headers)
