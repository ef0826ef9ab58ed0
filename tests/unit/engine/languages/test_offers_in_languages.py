"""An offer comes to each page in the page's language, also after it has waited."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.engine_parts import T0, EngineParts, action, batch, browser_calls, predicate_trigger
from support.run import asynchronous

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step
from rasa_autoplay.engine.knowledge.tour_step import tour_step_of
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.types import PLACEHOLDERS, ProactiveTriggerResult

BODY = Text({"en": "Shall I show you?", "de": "Soll ich es zeigen?", "ar": "هل أعرض ذلك؟"})
PATH = GoldenPath.parse_obj(
    {
        "id": "bulk",
        "title": {"en": "Bulk edit", "de": "Mehrere bearbeiten"},
        "page": "/projects",
        "tour_label": {"en": "Show me", "de": "Zeigen"},
        "steps": [
            {
                "id": "open",
                "title": {"en": "The menu", "de": "Das Menü"},
                "text": {"en": "Open “Options”.", "de": "Öffnen: „Optionen“."},
                "element": "#menu",
            },
            {
                "id": "save",
                "title": "Save",
                "text": {"de": "Zum Schluss speichern.", "en": "Save at the end."},
            },
        ],
    }
).in_language(("en",))


def offering(**fields: object) -> ConfiguredTrigger:
    fields = {"golden_path": "bulk", "body": BODY, **fields}
    return predicate_trigger(lambda ctx: bool(ctx.recent_actions), "help", **fields)


def parts(folder: Path, *triggers: ConfiguredTrigger) -> EngineParts:
    return EngineParts(folder, triggers or [offering()], paths=[PATH])


@asynchronous
async def test_each_tab_gets_the_offer_in_its_own_language(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        await made.listen(feed="f1", languages=("de-CH", "en"))
        await made.listen(feed="f2", languages=("en",))
        await made.listen(feed="f3", languages=("de-CH", "en"))
        await made.take(batch(action("Open", 0)))
        sent = {
            tuple(frame.feed_ids): toast
            for (_, frame), toast in zip(made.publisher.pushed, made.publisher.toasts, strict=True)
        }
        assert {feeds: toast["body"] for feeds, toast in sent.items()} == {
            ("f1", "f3"): "Soll ich es zeigen?",
            ("f2",): "Shall I show you?",
        }
        tour = sent["f1", "f3"]["tours"][0]
        assert (tour["label"], tour["title"]) == ("Zeigen", "Mehrere bearbeiten")
        assert tour["steps"][0]["text"] == "Öffnen: „Optionen“."
        assert sent[("f2",)]["tours"][0]["steps"][0]["title"] == "The menu"


@asynchronous
async def test_the_ledger_keeps_the_text_as_the_user_got_it(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        await made.listen(feed="f1", languages=("en",), receipts=True)
        await made.listen(feed="f2", languages=("de",), receipts=True)
        await made.take(batch(action("Open", 0)))
        offer = made.open_offer()
        await made.delivered(offer, "f1")
        await made.reported(offer, "rendered")
        assert [each.body for each in await made.offers()] == ["Shall I show you?"]


@asynchronous
async def test_a_waiting_offer_comes_in_the_language_of_the_page_that_opens(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        await made.take(batch(action("Open", 0)))
        assert made.open_offer().body == "Shall I show you?", "the bot's language, as nothing else is known"
        await made.listen(languages=("de",))
        assert [toast["body"] for toast in made.publisher.toasts] == ["Soll ich es zeigen?"]


@asynchronous
async def test_a_waiting_offer_keeps_its_languages_over_a_restart(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        await made.take(batch(action("Open", 0)))
        again = await made.restarted()
        await again.listen(languages=("de",))
        assert [toast["body"] for toast in again.publisher.toasts] == ["Soll ich es zeigen?"]
        await again.ledger.close()


@asynchronous
async def test_a_page_that_changes_its_language_gets_its_toast_again(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        await made.listen(feed="f1", languages=("en",), receipts=True)
        await made.take(batch(action("Open", 0)))
        offer = made.open_offer()
        await made.delivered(offer, "f1")
        await made.reported(offer, "seen")
        made.presence.closed("d1", "f1")
        await made.listen(feed="f2", languages=("de",), receipts=True)
        assert [toast["body"] for toast in made.publisher.toasts] == [
            "Shall I show you?",
            "Soll ich es zeigen?",
        ]
        assert offer.status is OfferStatus.SEEN
        await made.listen(feed="f3", languages=("de",), receipts=True)
        await made.listen(feed="f4", languages=("en",), last=offer.offer_id, receipts=True)
        assert len(made.publisher.toasts) == 2, "these pages have it already, or need no other text"
        await made.reported(offer, "dismissed")
        assert [each.body for each in await made.offers()] == ["Soll ich es zeigen?"]


def test_names_are_filled_in_each_language() -> None:
    trigger = ConfiguredTrigger(
        "help",
        lambda ctx: None,
        body=Text({"en": "Still in “{workflow}”?", "de": "Noch bei „{workflow}“?"}),
        placeholders=frozenset({"workflow"}),
        golden_path="bulk",
    )
    result = ProactiveTriggerResult("help", "x", metadata={PLACEHOLDERS: {"workflow": "Bulk edit"}})
    text = trigger.text_of(result, PATH)
    assert isinstance(text, Text)
    assert dict(text.items()) == {"en": "Still in “Bulk edit”?", "de": "Noch bei „Mehrere bearbeiten“?"}


@asynchronous
async def test_the_chat_speaks_the_language_of_the_page(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        await made.listen(languages=("de",))
        await made.take(batch(action("Open", 0)))
        offer, calls = made.open_offer(), browser_calls(made)
        await made.delivered(offer)
        asked = await calls.prepare_inject("u1", "help", offer.offer_id, languages=("en",))
        assert asked.body == "Shall I show you?"
        told = await calls.follow_up("u1", "help", offer.offer_id)
        assert told.text.splitlines() == ["Bulk edit:", "1. Open “Options”.", "2. Save at the end."]
        await made.listen(feed="f2", languages=("de",))
        told = await calls.follow_up("u1", "help", offer.offer_id)
        assert told.text.splitlines()[0] == "Mehrere bearbeiten:"
        step = await calls.explain_next_step("u1", "help", offer.offer_id)
        assert step.text.startswith("Gehen wir es Schritt für Schritt durch.")
        lost = await calls.prepare_inject("u1", "help", offer.offer_id, "save")
        assert lost.body.startswith("Den nächsten Schritt finde ich")


@pytest.mark.parametrize(
    ("page", "browser", "bot", "languages"),
    [
        (("de-CH", "fr"), "it", "en", ("de-CH", "fr", "it", "en")),
        ((), "fr", "en", ("fr", "en")),
        ((), "", "de", ("de",)),
    ],
)
def test_the_page_comes_before_the_browser_and_the_bot(
    page: tuple[str, ...], browser: str, bot: str, languages: tuple[str, ...]
) -> None:
    users = UserLanguages()
    users.bot_speaks(bot)
    users.browser_stated("anna", browser)
    users.page_stated("anna", page)
    assert users.of("anna") == languages
    assert users.of("bob") == (bot,)
    users.forget("anna")
    assert users.of("anna") == (bot,)


def test_the_newest_page_counts_and_one_that_names_none_changes_nothing() -> None:
    users = UserLanguages()
    users.page_stated("anna", ("de",))
    users.page_stated("anna", ("fr", "hostile <tag>", "x" * 40))
    users.page_stated("anna", ())
    assert users.stated_by("anna") == ("fr",)


@asynchronous
async def test_the_browsers_language_comes_with_its_events(tmp_path: Path) -> None:
    async with parts(tmp_path) as made:
        payload = batch(action("Open", 0))
        payload.language = "de_ch"
        await made.take(payload)
        assert (await made.session()).language == "de-CH"
        assert made.open_offer().body == "Soll ich es zeigen?"
        assert made.open_offer().created_at >= T0


def test_a_tooltip_that_lacks_a_language_gives_way_to_the_text_in_it() -> None:
    step = Step(
        id="a",
        title="A",
        element="#a",
        text=Text({"en": "Press A.", "ar": "اضغط A."}),
        tooltip=Text({"en": "Press A here."}),
    )
    shown = tour_step_of(step)
    assert shown is not None
    assert isinstance(shown.text, Text)
    assert dict(shown.text.items()) == {"en": "Press A here.", "ar": "اضغط A."}
