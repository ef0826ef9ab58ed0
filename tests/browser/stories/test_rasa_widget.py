"""Rasa's own chat widget beside the toast, on real servers.

Its packages cannot be installed here. So a stand-in element that follows its documentation talks to the real
server with a real Socket.IO client, in the messages that the widget's sources send: none names the user.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Route, expect
from support.host_app import LARGE, TOAST_MS, HostApp, Opener
from support.processes import ROOT

_CLIENT = ROOT / "example_bot" / "host_app" / "node_modules" / "socket.io-client" / "dist" / "socket.io.js"
_STAND_IN = Path(__file__).parents[1] / "unit" / "page" / "rasa_widget.js"
_LOOKS: dict[str, dict[str, Any]] = {
    "large": {"viewport": LARGE},
    "phone, dark": {"viewport": {"width": 375, "height": 667}, "color_scheme": "dark"},
}
#: The script tag names the chat.
_NAME_THE_CHAT = """
new MutationObserver((records) => {
  for (const { addedNodes } of records)
    for (const { src, dataset } of addedNodes) if (src && dataset.userId) dataset.chat = "rasa-widget";
}).observe(document, { childList: true, subtree: true });
"""
_CONNECT = """
window.connectWidget = (widget, start, heard) => {
  const socket = io(widget.serverUrl);
  const session_id = widget.senderId || crypto.randomUUID();
  socket.on("connect", () => socket.emit("session_request", { session_id }));
  socket.on("session_confirm", () => start(session_id));
  socket.on("bot_uttered", heard);
  const say = (message) => socket.emit("user_uttered", { message, session_id });
  return { end: () => socket.disconnect(), say };
};
window.WebChat = {
  default({ socketUrl, customData }, place) {
    const widget = document.createElement("rasa-chatbot-widget");
    const senderId = customData.userId;
    Object.assign(widget, { serverUrl: socketUrl, senderId, widgetTitle: "Projects help" });
    place.append(widget);
  },
};
"""


async def _use_the_widget(app: HostApp) -> None:
    script = "\n".join((_CLIENT.read_text("utf-8"), _CONNECT, _STAND_IN.read_text("utf-8")))

    async def stand_in(route: Route) -> None:
        await route.fulfill(body=script, content_type="text/javascript")

    await app.page.add_init_script(_NAME_THE_CHAT)
    await app.page.route("**/rasa-webchat.js", stand_in)
    await app.visit(with_chat=False)
    await app.edit_three()
    await expect(app.toast).to_be_visible(timeout=TOAST_MS)


@pytest.mark.parametrize(
    "look", [pytest.param(look, marks=[] if look == "large" else pytest.mark.slow) for look in _LOOKS]
)
async def test_the_bot_explains_in_the_widget_and_shows_the_tour(open_app: Opener, look: str) -> None:
    async with open_app(**_LOOKS[look]) as app:
        await _use_the_widget(app)
        await app.picture("rasa-widget-toast")
        await app.toast.get_by_role("button", name="Open chat", exact=True).click()
        bubbles = app.page.locator(".log p.bot")
        await expect(bubbles).to_have_count(2)
        await expect(bubbles.nth(0)).to_contain_text("Shall I show you how?")
        await expect(bubbles.nth(1)).to_contain_text('Press "Apply to N"')
        await expect(app.toast).to_be_hidden()
        await app.receipt("accepted")
        await app.picture("rasa-widget-open")
        # The server knows whose chat it is, although no message says so.
        await app.page.get_by_role("button", name="Show me on the page").click()
        await expect(app.tour).to_contain_text("Open table options")
        await expect(app.page.locator(".messenger")).to_be_hidden()
        await app.picture("rasa-widget-tour")
        await app.tour.get_by_role("button", name="Close").click()
        await expect(app.page.locator(".messenger")).to_be_visible()
