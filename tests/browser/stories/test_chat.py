"""The chat beside the toast: open already, opened by hand, and begun afresh by each page load."""

from __future__ import annotations

from playwright.async_api import expect
from support.host_app import TOAST_MS, HostApp, Opener


async def reads_both_bubbles(app: HostApp, answers_before: int = 0) -> None:
    await expect(app.bubbles).to_have_count(answers_before + 2)
    await expect(app.bubbles.nth(answers_before)).to_contain_text("Shall I show you how?")
    await expect(app.bubbles.nth(answers_before + 1)).to_contain_text('Press "Apply to N"')


async def test_the_toast_stays_beside_an_open_chat(open_app: Opener) -> None:
    async with open_app() as app:
        await app.visit()
        await app.chat_launcher.click()
        await expect(app.chat).to_be_visible()
        for project in ("Accessibility audit", "Customer portal relaunch", "Payment provider migration"):
            await app.page.get_by_role("button", name=f"Edit {project}").press("Enter")
            await app.page.locator("#edit-priority").select_option("Urgent")
            await app.page.locator("#edit-save").press("Enter")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await app.picture("toast-beside-the-chat")
        toast, chat = await app.toast.bounding_box(), await app.chat.bounding_box()
        assert toast
        assert chat
        assert toast["x"] + toast["width"] <= chat["x"]
        await app.open_chat.click()
        # It is not closed by a second click on its launcher.
        await reads_both_bubbles(app)
        await expect(app.chat).to_be_visible()
        await app.picture("two-bubbles")


async def test_the_user_can_reply_in_the_opened_chat(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await app.open_chat.click()
        await reads_both_bubbles(app)
        await app.page.locator(".rw-new-message").fill("what does urgent mean?")
        await app.press("Enter")
        await expect(app.bubbles).to_have_count(3)
        await expect(app.bubbles.nth(2)).to_contain_text("rgent")


async def test_a_page_load_starts_a_fresh_chat(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await app.open_chat.click()
        await reads_both_bubbles(app)
        first = await app.chat_session()
        await app.visit()
        await app.page.wait_for_function("() => sessionStorage.chat_session")
        assert await app.chat_session() != first
        # Accepted is accepted: the offer does not come back.
        await app.says_nothing(500)


async def test_waits_for_a_chat_widget_that_is_still_loading(open_app: Opener) -> None:
    async with open_app() as app:
        held = app.page.expect_request("**/rasa-webchat.js")
        await app.page.route("**/rasa-webchat.js", lambda route: None)
        async with held as asked:
            await app.visit(with_chat=False)
        await app.edit_three()
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await app.open_chat.click()
        await expect(app.toast).to_contain_text("Opening …")
        await app.page.unroute("**/rasa-webchat.js")
        assert await asked.value
        await app.evaluate(_LOAD_THE_CHAT)
        await reads_both_bubbles(app)


#: As the page itself does it, once the library has come at last.
_LOAD_THE_CHAT = """() => new Promise((done, fail) => {
  const script = document.createElement("script");
  script.src = "/webhooks/autoplay/demo/vendor/rasa-webchat.js?again";
  script.onerror = fail;
  script.onload = () => {
    const customData = { userId: new URLSearchParams(location.search).get("user") };
    window.WebChat.default({
      socketUrl: location.origin, socketPath: "/socket.io", customData, params: { storage: "session" },
      customMessageDelay: () => 0,
    }, document.getElementById("webchat"));
    done();
  };
  document.head.append(script);
})"""
