"""A toast that was written to a connection on which nothing arrives: it is not shown, and is sent again."""

from __future__ import annotations

from pathlib import Path

from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed
from support.run import asynchronous


def _status(made: Deployment, user: str) -> str:
    """Return the status of the user's newest open offer."""
    offer = made.engine._core.open_offers.of_user(user)
    return offer.status.value if offer else ""


async def _until(made: Deployment, user: str, status: str) -> None:
    await eventually(
        lambda: _status(made, user) == status, within_s=DEADLINE_S, what=f"the offer to {user} is {status}"
    )


@asynchronous
async def test_a_toast_lost_in_a_half_open_feed_is_not_rendered_and_is_sent_again(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        # Half-open: the server writes to it, and no page reports anything.
        lost = await made.listen("anna", sends_receipts=True)
        await made.send_story("anna")
        offer_id = (await lost.toast())["offer_id"]
        await _until(made, "anna", "sent")

        # A front end without receipts is believed after two seconds; by then anna's was judged too.
        await made.offer_to("ben")
        await _until(made, "ben", "rendered")
        assert _status(made, "anna") == "sent"

        back = await made.listen("anna", sends_receipts=True)
        assert (await back.toast())["offer_id"] == offer_id
        receipt = {"offer_id": offer_id, "event": "rendered"}
        assert await made.post("/proactive/ack", receipt, "anna") == (200, {"status": "ok"})
        await _until(made, "anna", "rendered")

        # A page that comes later has nothing to show.
        later = await made.listen("anna", sends_receipts=True)
        fresh = await made.offer_to("carl")
        assert fresh["offer_id"] != offer_id
        assert later.toasts == []
        assert [toast["offer_id"] for toast in back.toasts] == [offer_id]
