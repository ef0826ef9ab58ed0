"""The user's language everywhere: toast, tour, the chat's bubbles, and a page that changes its language."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from support.background import BackgroundLoop
from support.host_app import LARGE, TOAST_MS, HostApp, Opener, give_time, new_user
from support.pair import Pair
from support.processes import ROOT
from support.workshop import Workshop

pytestmark = pytest.mark.slow

BODY = {
    "en": "Changing projects one at a time? Shall I show you how to change them together?",
    "de": "Projekte einzeln ändern? Ich zeige gern, wie es für mehrere zugleich geht.",
    "ar": "هل تعدّل المشاريع واحدًا تلو الآخر؟ يمكن تعديلها معًا عبر Bulk edit.",
}
TEXTS = {
    "de": """
title: Mehrere Projekte bearbeiten
steps:
  options:
    title: Tabellenmenü öffnen
    text: Oben rechts in der Tabelle das Menü ⋯ öffnen.
    tooltip: Dieses Menü öffnen.
  bulk-edit: {title: „Bulk edit“ wählen, text: Im Menü „Bulk edit“ wählen.}
  select: {title: Projekte auswählen, text: Die Projekte ankreuzen.}
  priority: {text: In der Leiste unten die neue Priorität wählen.}
  apply: {title: Anwenden, text: Auf „Apply to N“ klicken.}
""",
    "ar": """
title: تعديل عدة مشاريع
steps:
  options: {title: فتح القائمة, text: افتح القائمة ⋯ أعلى الجدول.}
  bulk-edit: {title: اختيار Bulk edit, text: اختر «Bulk edit» من القائمة.}
  select: {title: تحديد المشاريع, text: حدّد المشاريع.}
  priority: {text: اختر الأولوية الجديدة.}
  apply: {title: التطبيق, text: اضغط «Apply to N».}
""",
}


@pytest.fixture(scope="module")
def speaking(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """The example bot with texts in English, German and Arabic."""
    project = workshop.project("languages")
    folder = project.folder / "golden_paths"
    shutil.copytree(ROOT / "example_bot" / "golden_paths", folder)
    for tag, texts in TEXTS.items():
        (folder / f"projects-bulk-edit.{tag}.yml").write_text(texts, encoding="utf-8")
    project.autoplay["golden_paths"] = "golden_paths"
    project.autoplay["triggers"][0]["body"] = BODY
    with workshop.running(project, background) as pair:
        yield pair


@pytest.fixture
def open_app(browser: Browser, speaking: Pair, pictures: Path) -> Opener:
    """A tab in a browser whose page has ``lang``, if it is given."""

    @asynccontextmanager
    async def opened(lang: str = "", **options: Any) -> AsyncIterator[HostApp]:
        context = await browser.new_context(**{"viewport": LARGE, **options})
        await give_time(context)
        await context.add_init_script(
            f"""new MutationObserver((_, it) => {{
              document.documentElement.lang = {lang!r};
              it.disconnect();
            }}).observe(document, {{ childList: true }})"""
        )
        try:
            app = HostApp(await context.new_page(), speaking, new_user(), pictures)
            yield app
            assert app.errors == []
        finally:
            await context.close()

    return opened


async def test_a_german_page_gets_german_everywhere(open_app: Opener) -> None:
    async with open_app("de-CH") as app:
        await app.visit()
        await app.edit_three()
        await expect(app.toast).to_contain_text(BODY["de"], timeout=TOAST_MS)
        await app.picture("german_toast")
        await app.toast.get_by_role("button", name="Chat öffnen").click()
        await expect(app.bubbles).to_have_count(2)
        await expect(app.bubbles.nth(0)).to_have_text(BODY["de"])
        await expect(app.bubbles.nth(1)).to_contain_text("Mehrere Projekte bearbeiten:")
        await expect(app.bubbles.nth(1)).to_contain_text("Im Menü „Bulk edit“ wählen.")
        button = app.page.locator(".rw-reply")
        await expect(button).to_have_text("Auf der Seite zeigen")
        await app.picture("german_chat")
        await app.page.locator(".rw-new-message").fill("Ja, gerne")
        await app.press("Enter")
        await expect(app.tour).to_contain_text("Tabellenmenü öffnen")
        await expect(app.tour).to_contain_text("Dieses Menü öffnen.")
        await app.picture("german_tour")
        await app.press("Escape")
        await expect(app.bubbles.last).to_contain_text("Ich zeige es direkt auf der Seite.")
        told = await app.pair.explain(app.user_id or "")
        assert told["languages"][0] == "de-CH"


async def test_a_french_browser_gets_the_bots_language_for_texts_that_lack_french(open_app: Opener) -> None:
    async with open_app(locale="fr-FR") as app:
        await app.visit()
        await app.edit_three()
        await expect(app.toast).to_contain_text(BODY["en"], timeout=TOAST_MS)
        told = await app.pair.explain(app.user_id or "")
        assert [told["languages"][0], told["languages"][-1]] == ["fr-FR", "en"]


async def test_a_toast_on_the_screen_follows_the_page(open_app: Opener) -> None:
    async with open_app("en") as app:
        await app.visit()
        await app.edit_three()
        await expect(app.toast).to_contain_text(BODY["en"], timeout=TOAST_MS)
        await app.receipt("seen")
        await app.evaluate("document.documentElement.lang = 'ar'")
        await expect(app.toast).to_contain_text("هل تعدّل المشاريع")
        assert await app.toast.evaluate("(it) => getComputedStyle(it).direction") == "rtl"
        await app.picture("arabic_toast")
        await (
            app.toast.get_by_role("button", name="العرض")
            .or_(app.toast.get_by_role("button").first)
            .first.click()
        )
        await expect(app.tour).to_contain_text("فتح القائمة")
        await expect(app.tour).to_contain_text("افتح القائمة ⋯ أعلى الجدول.")
        await app.picture("arabic_tour")
