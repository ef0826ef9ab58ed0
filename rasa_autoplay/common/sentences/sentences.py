"""The sentences that the bot says of its own, in each of its languages: one file of data for each.

Texts of golden paths and triggers are the team's own; see :mod:`rasa_autoplay.common.languages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from rasa_autoplay.common.languages.tags import lookup

__all__ = ["LANGUAGES", "Sentences", "all_sentences", "sentences_in"]

#: The languages of the bot's own sentences; the first one is said if no other fits.
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "ja", "ar")

_FOLDER = Path(__file__).parent


class Sentences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All sentences in one language. Names in braces are inserted with :func:`.inserting.inserted`.

    Args:
        too_long: the user's message is longer than the chat accepts.
        too_often: the user's messages come faster than the chat accepts.
        steps_above: a tour cannot start, and its steps are in the message above.
        show_me_on_page: the button under an explanation, which starts a tour.
        showing: a tour starts.
        on_another_page: a tour cannot start on this page; its steps follow.
        not_now: a tour cannot start; its steps follow.
        tour_ends: a tour cannot continue; the chat explains the rest.
        no_tour: a tour could not start; the chat explains the steps.
        first_step: leads to the first of several steps that are explained one by one.
        next_step: leads to a step in the middle.
        last_step: leads to the last step.
        heading: above the steps of a workflow: ``{title}``.
        missed_step: above the one step of the workflow ``{title}`` that the user left out.
        failed_step: above the step that did not work, before all steps.
        no_answer: no golden path answers the question; what can be explained may follow.
        nothing_to_explain: the same if there is nothing to explain.
        nothing_seen: the user has done nothing.
        done_last: above the user's last actions.
        topics_here: above a list of what can be explained on the page.
        topics: above a list of what can be explained in the app.
        topic: an item of these lists: ``{title}`` and ``{description}`` of a workflow.
        did_click: an action of the user: a click on ``{name}``.
        did_change: a changed field.
        did_submit: a submitted form.
        did_open: an opened page.
        did_rage_click: several clicks in a row.
        did_dead_click: a click on which nothing happened.
        did_error: an error of the page.
        did_failed_request: a request of the page that failed.
        instead_of_name: stands in a step for the name of a control that may be wrong.
        name_changed: after a step whose name was left out.
        my_tips: the name of the list of tips, also as a button; who writes it gets the list.
        tips_opened: the list opens on the page.
        tips_not_opened: the list cannot be opened now.
        yes: messages that accept the offer to show something.
    """

    too_long: str
    too_often: str
    steps_above: str
    show_me_on_page: str
    showing: str
    on_another_page: str
    not_now: str
    tour_ends: str
    no_tour: str
    first_step: str
    next_step: str
    last_step: str
    heading: str
    missed_step: str
    failed_step: str
    no_answer: str
    nothing_to_explain: str
    nothing_seen: str
    done_last: str
    topics_here: str
    topics: str
    topic: str
    did_click: str
    did_change: str
    did_submit: str
    did_open: str
    did_rage_click: str
    did_dead_click: str
    did_error: str
    did_failed_request: str
    instead_of_name: str
    name_changed: str
    my_tips: str
    tips_opened: str
    tips_not_opened: str
    yes: tuple[str, ...]


@cache
def all_sentences() -> dict[str, Sentences]:
    """Return the sentences of each language; read once, about 30 KB."""
    return {tag: _read(tag) for tag in LANGUAGES}


def sentences_in(languages: Sequence[str] = ()) -> Sentences:
    """Return the sentences in the language that fits best; in English if none fits.

    Args:
        languages: the user's languages as BCP 47 tags, the best first.
    """
    return _sentences_in(tuple(languages))


@lru_cache(maxsize=1024)
def _sentences_in(languages: tuple[str, ...]) -> Sentences:
    return all_sentences()[lookup(LANGUAGES, languages) or LANGUAGES[0]]


def _read(tag: str) -> Sentences:
    return msgspec.json.decode((_FOLDER / f"{tag}.json").read_bytes(), type=Sentences)
