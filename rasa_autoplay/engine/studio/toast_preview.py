"""The toasts of a trigger as users get them, built by the code that makes offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_autoplay.common.sentences.filling import filled, names_in
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.offers.offer import Offer, reply_options
from rasa_autoplay.engine.offers.offer_texts import OfferTexts
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.rules.placeholders import sample_values
from rasa_autoplay.engine.triggers.types import PLACEHOLDERS, ProactiveTriggerResult, fit_toast

__all__ = ["toasts_of"]


def toasts_of(
    trigger: ConfiguredTrigger, paths: Sequence[GoldenPath], tours: TourCatalogue
) -> list[dict[str, Any]]:
    """Return the toast of each variant of a trigger, on a page where its tours can run.

    Args:
        trigger: the trigger.
        paths: all golden paths.
        tours: the tours that an offer can start.

    Returns:
        ``{variant, share, is_sample, toast}`` of each. ``share`` is the share of the users who get
        this one. ``is_sample`` says that its text has placeholders, which are filled in for a user who has
        done the first step. ``toast`` is the feed's data; None if Python code writes the text.
    """
    variants = trigger.variants or (trigger,)
    weights = sum(variant.weight for variant in variants)
    return [
        {"variant": variant.variant, "share": variant.weight / weights, **_toast(variant, paths, tours)}
        for variant in variants
    ]


def _toast(trigger: ConfiguredTrigger, paths: Sequence[GoldenPath], tours: TourCatalogue) -> dict[str, Any]:
    own = [path for path in paths if path.id == trigger.golden_path]
    workflow = next(iter(own or (paths if trigger.finds_workflow else ())), None)
    values = sample_values(workflow) if workflow else {}
    written = trigger.rule.body if trigger.rule else ""
    result = ProactiveTriggerResult(
        trigger.id, fit_toast(filled(written, values)), metadata={PLACEHOLDERS: values}
    )
    body = trigger.text_of(result)
    is_filled = trigger.placeholders is not None and bool(names_in(trigger.body or written))
    if not body:
        return {"is_sample": False, "toast": None}
    offer = Offer(
        offer_id="preview",
        trigger_id=trigger.id,
        body="",
        product_id="",
        session_id="",
        user_id="",
        created_at=0.0,
        expires_at=0.0,
        evidence_until=0.0,
        first_way=trigger.first,
    )
    texts = OfferTexts(body, reply_options(trigger.reply_options or ()), _tours(trigger, workflow, tours))
    offer.say(texts, ())
    return {"is_sample": is_filled, "toast": offer.toast()}


def _tours(
    trigger: ConfiguredTrigger, workflow: GoldenPath | None, tours: TourCatalogue
) -> list[OfferedTour]:
    if trigger.tours is None:
        return []
    labels = trigger.tours or ({workflow.id: ""} if workflow else {})
    found = ((path, label) for path_id, label in labels.items() if (path := tours.path(path_id)))
    return [tour for path, label in found for tour in tours.for_page({path.id: label}, path.page or "/")]
