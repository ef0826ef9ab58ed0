"""The Rasa server goes away in the middle, and the page stays."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from support.host_app import THREE_PROJECTS, Opener
from support.pair import Pair


@pytest.mark.slow
async def test_an_open_page_gets_its_toast_after_a_server_restart(open_app: Opener, pair: Pair) -> None:
    async with open_app() as app:
        await app.visit()
        await app.edit_three(projects=THREE_PROJECTS[:2])
        # What has no answer yet, posthog-js sends again only minutes later.
        assert app.user_id
        await pair.has_counted(app.user_id, 2)
        assert pair.rasa
        await pair.rasa.stop()
        pair.start_rasa()
        await pair.ready()
        await app.edit(THREE_PROJECTS[2])
        # The feed comes back by itself, with pauses that grow up to 20 s.
        await expect(app.toast).to_be_visible(timeout=120_000)
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        assert len(pair.offers_to(app.user_id)) == 1
