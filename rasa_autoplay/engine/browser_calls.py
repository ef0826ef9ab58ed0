"""The engine's answers to requests that browsers send through the gateway."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from rasa_autoplay.common.languages.each_language import all_languages, in_language
from rasa_autoplay.common.sentences.inserting import quotes
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.step_explanation import RECENT_ACTIONS, explain
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.freshness.offered_tours import OfferedTours
from rasa_autoplay.engine.freshness.suspect_steps import NO_SUSPECTS, SuspectSteps
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.spoken_path import SpokenPath, sentences_around
from rasa_autoplay.engine.knowledge.user_progress import NextStep
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.sessions.summary import NOTHING_KNOWN
from rasa_autoplay.engine.tours.catalogue import TourCatalogue, first_of_tour
from rasa_autoplay.engine.tours.problems import TourProblems
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.events.canonical_url import canonical_url
from rasa_autoplay.link.answers import (
    Acknowledged,
    FollowUpText,
    Question,
    StepText,
    TourReported,
    TourStarted,
    TourStepped,
)
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["BrowserCalls"]


class BrowserCalls:
    """One method per request in :mod:`rasa_autoplay.link.requests`; the gateway has checked the arguments.

    A method raises :class:`EngineRefused` if the browser should get an error.
    """

    def __init__(
        self,
        settings: EngineSettings,
        triggers: Sequence[ConfiguredTrigger],
        offer_lifecycle: OfferLifecycle,
        open_offers: OpenOffers,
        ledger: OfferLedger,
        tours: TourCatalogue,
        model: LanguageModel | None,
        facts: SessionFollower,
        clock: Callable[[], float],
        problems: TourProblems,
        suspects: SuspectSteps = NO_SUSPECTS,
        report_missing: Callable[[str, str, str, str], object] = lambda *_report: None,
        languages: UserLanguages | None = None,
    ) -> None:
        self._settings = settings
        self._triggers = {trigger.id: trigger for trigger in triggers}
        self._offer_lifecycle = offer_lifecycle
        self._open_offers = open_offers
        self._ledger = ledger
        self._tours = tours
        self._model = model
        self._facts = facts
        self._clock = clock
        self._problems = problems
        self._offered_tours = OfferedTours(tours, suspects)
        self._suspects = suspects
        self._report_missing = report_missing
        self._languages = UserLanguages() if languages is None else languages

    async def acknowledge(
        self, offer_id: str, event: str, user_id: str = "", button: str = ""
    ) -> Acknowledged:
        """Record a receipt; if it names a user, the offer must be that user's.

        The receipt takes effect at once, but it is confirmed only when it is stored. Until then the browser
        must send it again, because only the browser could repeat it after a crash.
        """
        is_known = await self._offer_lifecycle.receipt(offer_id, event, self._clock(), user_id, button)
        if is_known and self._ledger.is_stored(offer_id):
            return Acknowledged()
        if not is_known and not self._ledger.problem:
            raise EngineRefused("not_found", f"there is no offer {offer_id[:64]!r}")
        raise EngineRefused(
            "unavailable",
            "the receipt cannot be stored now",
            "Send it again later. The health of the channel names the database's problem.",
        )

    async def start_tour(self, user_id: str, tour_id: str, offer_id: str = "") -> TourStarted:
        """Start a tour ("Show me")."""
        tour = self._tours.resolve(tour_id)
        if tour is None:
            self._problems.unknown += 1
            raise EngineRefused(
                "not_found",
                f"there is no tour {tour_id[:64]!r}",
                "A tour has the id of its golden path, or its provider's flow_id.",
            )
        done = await self._offer_lifecycle.tour_started(user_id, tour, self._clock(), offer_id)
        return TourStarted(tour.flow_id, tour.id, done or msgspec.UNSET)

    async def step_tour(self, user_id: str, tour_id: str = "", step: str = "", url: str = "") -> TourStepped:
        """The tour has moved on, or asks whether its golden path includes a page."""
        known = await self._offer_lifecycle.tour_stepped(user_id, self._clock(), step)
        path = self._tours.path(tour_id) if url else None
        return TourStepped(
            "ok" if known else "no_session", path.reaches(canonical_url(url)) if path else None
        )

    async def end_tour(self, user_id: str, outcome: str = "", step: str = "") -> TourReported:
        """The tour was finished, given up, or could not continue."""
        known = await self._offer_lifecycle.tour_ended(user_id, self._clock(), outcome, step)
        return TourReported("ok" if known else "no_session")

    async def report_tour_problem(
        self, user_id: str, tour_id: str, step: str, problem: str, url: str
    ) -> Acknowledged:
        """A page cannot show a step. Health and doctor name it."""
        path = self._tours.path(tour_id)
        if path is not None:
            page = canonical_url(url)
            self._problems.record(path, step, problem, page, self._clock())
            if problem == "missing":
                self._report_missing(path.id, step, user_id, page)
        return Acknowledged()

    async def prepare_inject(
        self, user_id: str, trigger_id: str, offer_id: str, step: str = "", languages: tuple[str, ...] = ()
    ) -> Question:
        """Record "Open chat", and return what the bot should say first.

        Args:
            user_id: the user who opens the chat.
            trigger_id: the offer's trigger; may be empty.
            offer_id: the offer's id; may be empty.
            step: the step that a tour could not show; empty if no tour failed.
            languages: the page's, best first; empty if the page does not say.

        Returns:
            ``{offer_id, trigger_id, body}``. ``body`` is the offer's own text, whatever the browser sent;
            ``offer_id`` is empty if no offer was made and the text is the trigger's.
        """
        self._languages.page_stated(user_id, languages)
        return await self._question(user_id, trigger_id, offer_id, step, _button_of_step(step))

    async def _question(
        self, user_id: str, trigger_id: str, offer_id: str, step: str, button: str
    ) -> Question:
        offer = await self._find_offer(user_id, trigger_id, offer_id)
        trigger = self._triggers.get(offer.trigger_id if offer else trigger_id)
        languages = self._languages.of(user_id)
        body = _body_of(offer, trigger, user_id, languages)
        # A request with an offer_id gets that offer or an error; without one, the trigger's text is enough.
        if not body or (offer_id and offer is None):
            raise EngineRefused(
                "not_found",
                "there is no such offer for this user",
                "Send the offer_id and trigger_id that came with the toast.",
            )
        if not button and not (offer and offer.reply_options):
            button = "open_chat"  # else it can have been a reply, too, of which the page tells
        await self._offer_lifecycle.accepted(user_id, offer, self._clock(), button)
        path = self._path(offer, trigger, user_id)
        is_lost = path is not None and path.has_step(step)
        if path is not None and is_lost:
            self._problems.aborted[path.id] += 1
        return Question(
            offer_id=offer.offer_id if offer else "",
            trigger_id=offer.trigger_id if offer else trigger_id,
            body=_instead_of_tour(path, step, languages) if path is not None and is_lost else body,
        )

    def _path(
        self, offer: Offer | None, trigger: ConfiguredTrigger | None, user_id: str
    ) -> GoldenPath | None:
        own = trigger.variant_for(user_id).golden_path if trigger else ""
        path = self._tours.path(own if offer is None else offer.golden_path)
        return self._suspects.as_written(path) if path else None

    async def _find_offer(self, user_id: str, trigger_id: str, offer_id: str) -> Offer | None:
        """Return the offer that a request is about. The user has not got a withheld one."""
        if offer_id:
            offer = self._open_offers.get(offer_id) or await self._ledger.get(offer_id)
            is_theirs = offer is not None and offer.user_id == user_id and not offer.is_withheld
            return offer if is_theirs else None
        offer = self._open_offers.answerable_by(user_id)
        if offer is not None and trigger_id in ("", offer.trigger_id):
            return offer
        past = await self._ledger.history(self._settings.product_id, user_id)
        return next((o for o in past if o.trigger_id == trigger_id and not o.is_withheld), None)

    def _shows_tour(self, offer: Offer | None, trigger: ConfiguredTrigger | None, user_id: str) -> bool:
        """Whether the chat may offer the tour, too."""
        if trigger is None:
            return True
        variant = trigger.variant_of(offer.variant) if offer else trigger.variant_for(user_id)
        return variant.tours is not None

    async def follow_up(self, user_id: str, trigger_id: str, offer_id: str, step: str = "") -> FollowUpText:
        """Return bubble 2; with a ``step``, the golden path's own text from that step on.

        Returns:
            ``{text, source}``; the text is empty if there is nothing to explain.
        """
        offer = await self._find_offer(user_id, trigger_id, offer_id)
        trigger = self._triggers.get(offer.trigger_id if offer else trigger_id)
        path = self._path(offer, trigger, user_id)
        if path is None:
            return FollowUpText("", "none")
        languages = self._languages.of(user_id)
        told = SpokenPath(path, languages)
        if path.has_step(step):
            begins = "" if step == first_of_tour(path) else step
            return FollowUpText(told.how_to(begins), "steps")
        now = self._clock()
        session = await self._offer_lifecycle.latest_session(user_id, now)
        context = session.context(RECENT_ACTIONS) if session else NOTHING_KNOWN
        gap = self._gap(path, session, offer.body if offer else "")
        email = session.email if session else None
        model = self._model.for_user(user_id) if self._model else None
        language = next(iter(self._languages.stated_by(user_id)), "")
        follow_up = await explain(path, model, context, email, gap, languages, language)
        page = session.window.page() if session else ""
        if self._shows_tour(offer, trigger, user_id) and self._offered_tours.for_page({path.id: ""}, page):
            return FollowUpText(follow_up.text, follow_up.source, path.id, told.button)
        return FollowUpText(follow_up.text, follow_up.source)

    async def explain_next_step(
        self, user_id: str, trigger_id: str, offer_id: str, after: str = ""
    ) -> StepText:
        """Return the step after a step, or the first one; empty after the last one."""
        offer = await self._find_offer(user_id, trigger_id, offer_id)
        path = self._path(offer, self._triggers.get(trigger_id), user_id)
        steps = path.steps if path else []
        ids = [step.id for step in steps]
        place = ids.index(after) + 1 if after in ids else 0
        if path is None or place == len(steps):
            return StepText("", "")
        told = SpokenPath(path, self._languages.of(user_id))
        return StepText(told.one_step(place), ids[place])

    async def explain_steps(
        self, user_id: str, trigger_id: str, offer_id: str, step: str = "", languages: tuple[str, ...] = ()
    ) -> FollowUpText:
        """Accept the offer, and return the steps as written, for a user whose chat could not be opened.

        Raises:
            EngineRefused: the user has no such offer.
        """
        self._languages.page_stated(user_id, languages)
        question = await self._question(user_id, trigger_id, offer_id, "", _button_of_step(step))
        offer = await self._find_offer(user_id, question.trigger_id, question.offer_id)
        path = self._path(offer, self._triggers.get(question.trigger_id), user_id)
        if path is None:
            return FollowUpText("", "none")
        told = SpokenPath(path, self._languages.of(user_id))
        return FollowUpText(told.how_to("" if step == first_of_tour(path) else step), "steps")

    def _gap(self, path: GoldenPath, session: Session | None, body: str) -> NextStep | None:
        """The step that the chat begins with: one that failed for the user, or one that the toast named."""
        facts = self._facts.workflow_progress(session) if session else None
        gap = next((each for each in facts.gaps if each.path_id == path.id), None) if facts else None
        place = path.place_of_name(gap.step) if gap else None
        if gap is None or place is None:
            return None
        names = all_languages(path.source.name_of(place))
        is_named = any(quotes(body, name) for name in names)
        return gap if gap.approach == "explain" or is_named else None


def _button_of_step(failed_step: str) -> str:
    """Return the button that the user pressed before the chat opened; empty if no tour failed."""
    return "show_me" if failed_step else ""


def _instead_of_tour(path: GoldenPath, step: str, languages: tuple[str, ...]) -> str:
    sentences = sentences_around(path, languages)
    return sentences.no_tour if step == first_of_tour(path) else sentences.tour_ends


def _body_of(
    offer: Offer | None, trigger: ConfiguredTrigger | None, user_id: str, languages: tuple[str, ...]
) -> str:
    """The question in the user's language. An offer that is closed has it in the language of its toast."""
    if offer is None:
        return in_language(trigger.variant_for(user_id).fixed_text, languages) if trigger else ""
    return in_language(offer.texts.body, languages) if offer.texts else offer.body
