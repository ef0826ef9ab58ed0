"""A page in German: the script's own texts and the path's are German."""

from __future__ import annotations

from playwright.async_api import expect
from support.host_app import BULK_STEPS, TOAST_MS, Opener

#: The titles of the path's steps in German.
_TITLES = ("Tabellenoptionen öffnen", "„Bulk edit“ wählen", "Projekte auswählen", "Anwenden")
_SPEAK_GERMAN = """new MutationObserver((_, it) => {
  document.documentElement.lang = "de-CH";
  it.disconnect();
}).observe(document, { childList: true })"""


async def test_toast_and_tour_speak_german_on_a_german_page(open_app: Opener) -> None:
    async with open_app() as app:
        await app.page.add_init_script(_SPEAK_GERMAN)
        async with app.page.expect_request("**/proactive/stream/**") as feed:
            await app.visit()
        assert "languages=de-CH" in (await feed.value).url
        await app.edit_three()
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await expect(app.page.locator("rasa-autoplay")).to_have_attribute("lang", "de")
        for name in ("Chat öffnen", "Später", "Nicht mehr anzeigen", "Schließen"):
            await expect(app.toast.get_by_role("button", name=name)).to_be_visible()
        await app.picture("german_toast")
        await app.toast.get_by_role("button", name="Zeig es mir").click()
        for title, (_, element) in zip(_TITLES, BULK_STEPS, strict=True):
            await expect(app.tour).to_contain_text(title)
            await expect(app.tour.get_by_role("button", name="Schließen")).to_be_visible()
            await app.page.locator(element).click()
            if title == "Projekte auswählen":
                await app.tour.get_by_role("button", name="Weiter").click()
        await expect(app.page.locator("rasa-autoplay-tour .done")).to_contain_text("Fertig")
        await app.receipt("accepted")


async def test_toast_follows_a_page_that_changes_its_language(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await expect(app.toast.get_by_role("button", name="Later")).to_be_visible()
        await app.receipt("seen")
        async with app.page.expect_request("**/proactive/stream/**languages=ar**"):
            await app.evaluate("document.documentElement.lang = 'ar'")
        await expect(app.toast.get_by_role("button", name="لاحقًا")).to_be_visible()
        assert await app.toast.evaluate("(it) => getComputedStyle(it).direction") == "rtl"
        await app.picture("arabic_toast")
        await app.toast.get_by_role("button", name="لاحقًا").click()
        await app.receipt("snoozed")
        await expect(app.toast).to_have_count(0)
