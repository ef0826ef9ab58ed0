"""Everything in the engine that one version of ``autoplay.yml`` and its golden paths determines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa_autoplay.common.metrics.histogram import Histogram
from rasa_autoplay.engine.assistant.assistant import Assistant
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.summarizer import Summarizer
from rasa_autoplay.engine.assistant.user_background import UserBackground
from rasa_autoplay.engine.assistant_calls import AssistantCalls
from rasa_autoplay.engine.batch_hook import BatchHook
from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.changes.pause_control import PauseControl
from rasa_autoplay.engine.consent.consent_requests import ConsentRequests
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import build_core
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.decisions.trigger_explainer import Explainer
from rasa_autoplay.engine.dispatch import Dispatch
from rasa_autoplay.engine.external_offers.copilot import Copilot
from rasa_autoplay.engine.external_offers.external_offers import ExternalOffers
from rasa_autoplay.engine.freshness.confirm_control import ConfirmControl
from rasa_autoplay.engine.freshness.confirm_requests import ConfirmRequests
from rasa_autoplay.engine.freshness.freshness import Freshness
from rasa_autoplay.engine.freshness.suspect_steps import withheld_tours
from rasa_autoplay.engine.knowledge.search import KnowledgeBase
from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.memory.memory_queries import MemoryQueries
from rasa_autoplay.engine.memory.path_follower import PathFollower
from rasa_autoplay.engine.model_parts import ModelParts
from rasa_autoplay.engine.offers.timeline import OfferTimeline
from rasa_autoplay.engine.path_drafts.path_drafts import DraftParts, PathDrafts
from rasa_autoplay.engine.proposals.promotion import Promotion
from rasa_autoplay.engine.replay.recordings import RecordingParts, Recordings
from rasa_autoplay.engine.request_router import RequestRouter
from rasa_autoplay.engine.results.results_requests import ResultsRequests
from rasa_autoplay.engine.results.trigger_goals import goals_of
from rasa_autoplay.engine.rollout.exploration import exploration_of
from rasa_autoplay.engine.rule_editor.rule_editor import RuleEditor
from rasa_autoplay.engine.source_limits import SourceLimits
from rasa_autoplay.engine.stores import Stores
from rasa_autoplay.engine.studio.latest_decisions import LatestDecisions
from rasa_autoplay.engine.studio.live_sessions import LiveSessions
from rasa_autoplay.engine.studio.nearest_trigger import NearestTrigger
from rasa_autoplay.engine.studio.paths import PathViews
from rasa_autoplay.engine.studio.pause_requests import PauseRequests
from rasa_autoplay.engine.studio.people import PeopleRequests
from rasa_autoplay.engine.studio.proposals import ProposalRequests
from rasa_autoplay.engine.studio.silence import SilenceRequests
from rasa_autoplay.engine.studio.studio_requests import StudioRequests
from rasa_autoplay.engine.studio.triggers import TriggerViews
from rasa_autoplay.engine.studio.user_data import UserData
from rasa_autoplay.engine.tips.tip_requests import make_tip_requests
from rasa_autoplay.engine.tour_requests import TourRequests
from rasa_autoplay.engine.tours.problems import TourProblems
from rasa_autoplay.engine.user_forgetter import UserForgetter

__all__ = ["EngineVersion", "LastingParts"]


@dataclass(frozen=True)
class LastingParts:
    """The parts of an engine that outlive a version of its files.

    Args:
        live: sessions, offers and counts.
        stores: what is kept in the database.
        watchers: the live tails.
        tour_problems: what browsers could not show.
        message_counts: counts of the gateways' messages.
        health: the engine's health.
        folder: the folder of ``autoplay.yml``.
        user_data: exports and deletes what is stored about a user.
        forgetter: removes users from the running engine.
        pauses: begins and ends pauses.
        recordings: what recorded sessions are read with.
        latest_decisions: the latest decision of each session.
        rule_editor: edits rules and tests them on the recording.
        drafts: what drafts of golden paths are kept with.
        freshness: knows which steps of golden paths are suspect.
        confirmations: confirms suspect steps.
        external_offers: makes the offers of the team's own code.
        copilot: what the team's own code gets.
        consents: knows who has given consent.
        promotion: reads proposals of triggers, and takes them from stage to stage.
    """

    live: LiveState
    stores: Stores
    watchers: Watchers
    tour_problems: TourProblems
    message_counts: Counter[str]
    health: Callable[[], dict[str, Any]]
    folder: Path
    user_data: UserData
    forgetter: UserForgetter
    pauses: PauseControl
    recordings: RecordingParts
    latest_decisions: LatestDecisions
    rule_editor: RuleEditor
    drafts: DraftParts
    freshness: Freshness
    confirmations: ConfirmControl
    external_offers: ExternalOffers
    copilot: Copilot
    consents: ConsentRequests
    promotion: Promotion


class EngineVersion:
    """The parts that one version of the files determines. They keep nothing that a new version would lose.

    Args:
        configuration: the version.
        parts: the parts that it works on.
        follower: follows sessions along the golden paths.
        hook: called with every batch; None if not configured.
        former: the version before; None at the start. What has not changed is the same in both.
    """

    def __init__(
        self,
        configuration: Configuration,
        parts: LastingParts,
        follower: PathFollower,
        hook: BatchHook | None,
        former: EngineVersion | None = None,
    ) -> None:
        settings, tours = configuration.settings, configuration.tours
        live, product_id = parts.live, configuration.settings.product_id
        self.configuration = configuration
        self.follower = follower
        self.hook = hook
        self.models = _models(configuration, parts, former)
        self.summarizer: Summarizer | None = self.models.summarizer_for(live.sessions)
        if former is not None and former.models is self.models:
            self.summarizer = former.summarizer
        self.core = core = build_core(configuration, live, self.models.judge)
        self.dispatch = Dispatch(
            core, parts.watchers, self.summarizer, hook, parts.copilot, parts.message_counts
        )
        self.source_limits = SourceLimits(configuration.paths, settings.triggers)
        knowledge = HybridSearch(KnowledgeBase(configuration.paths), self.models.embeddings)
        background, suspects = UserBackground(live.follower), live.suspects
        assistant = Assistant(knowledge, self.models.model, background, suspects, live.languages)
        self.answers = AssistantCalls(
            product_id, assistant, knowledge, tours, core.lifecycle, live.clock, suspects, live.languages
        )
        browser_calls = BrowserCalls(
            settings,
            configuration.triggers,
            core.lifecycle,
            live.open_offers,
            live.ledger,
            tours,
            self.models.model,
            live.follower,
            live.clock,
            parts.tour_problems,
            suspects,
            parts.freshness.report_missing,
            live.languages,
        )
        explainer = Explainer(
            product_id,
            configuration.triggers,
            core.sessions,
            live.ledger,
            core.gate_contexts,
            live.clock,
            core.asker,
            live.follower,
            configuration.settings.holdout,
            exploration_of(configuration.settings),
            core.tour_choice.why_withheld,
            live.languages.of,
        )
        self.router = RequestRouter(
            browser_calls,
            TourRequests(product_id, core.tour_orders, tours, suspects, live.languages, live.clock),
            self.answers,
            explainer,
            OfferTimeline(product_id, live.ledger, live.open_offers),
            MemoryQueries(product_id, configuration.paths, parts.stores.memory),
            parts.watchers,
            parts.stores.chat_owners,
            ResultsRequests(
                parts.stores.results,
                goals_of(configuration.triggers, configuration.paths),
                live.clock,
                lambda: withheld_tours(configuration.paths, suspects),
            ),
            parts.health,
            StudioRequests(
                PeopleRequests(
                    product_id,
                    configuration.paths,
                    _snooze_of(configuration),
                    parts.stores.people,
                    parts.user_data,
                    core.sessions,
                    parts.forgetter.forget,
                    live.clock,
                ),
                TriggerViews(configuration, parts.pauses, live.pause_of),
                PauseRequests(parts.pauses, [trigger.id for trigger in configuration.triggers]),
                PathViews(
                    configuration,
                    parts.stores.path_figures,
                    self.answers.query_knowledge_base,
                    suspects,
                    is_reworded=self.models.model is not None,
                ),
                ConfirmRequests(parts.confirmations, configuration.paths),
                Recordings(configuration, parts.recordings),
                LiveSessions(
                    product_id,
                    core.sessions,
                    NearestTrigger(configuration.triggers, core.asker, live.follower),
                    parts.latest_decisions,
                    tours.registry(product_id, settings.session),
                    settings.session.window.lookback,
                    live.clock,
                ),
                SilenceRequests(
                    parts.stores.results, [trigger.id for trigger in configuration.triggers], live.clock
                ),
                parts.rule_editor,
                PathDrafts(configuration, parts.drafts),
                ProposalRequests(configuration, parts.promotion),
            ),
            parts.stores.outcomes,
            parts.external_offers,
            make_tip_requests(configuration, core, parts.stores.choices),
            parts.consents,
        )

    async def stop(self, successor: EngineVersion | None = None) -> None:
        """Finish pending work, then close what the successor does not use."""
        if self.hook is not None and (successor is None or successor.hook is not self.hook):
            await self.hook.stop()
        if successor is not None and successor.models is self.models:
            return
        if self.summarizer is not None:
            await self.summarizer.stop()
        await self.models.stop(successor.models if successor else None)

    @property
    def trigger_ids(self) -> list[str]:
        """The ids of the triggers."""
        return [trigger.id for trigger in self.configuration.triggers]

    @property
    def hook_queue(self) -> int:
        """How many batches wait for the hook."""
        return self.hook.waiting if self.hook else 0

    @property
    def is_circuit_open(self) -> bool:
        """Whether the language model gets no requests now."""
        return bool(self.models.model and self.models.model.is_circuit_open)

    def tallies(self) -> dict[str, Counter[str] | Histogram]:
        """Return what these parts count, for the metrics."""
        tallies: dict[str, Counter[str] | Histogram] = {}
        if self.hook is not None:
            tallies["hook"] = self.hook.counts
        if self.models.model is not None:
            tallies["llm"] = self.models.model.counts
            tallies["llm_seconds"] = self.models.model.durations
        return tallies

    def health(self) -> dict[str, Any]:
        """Return state and counts of these parts, without secrets."""
        return {
            **self.models.health(),
            **self.source_limits.health(self.core.live.sources),
            **self.core.live.silent_users.health(self.core.live.clock()),
            **self.core.all_counts,
            **(self.hook.health() if self.hook else {}),
            **(self.summarizer.counts if self.summarizer else {}),
        }


def _snooze_of(configuration: Configuration) -> Callable[[str], float]:
    """Return a function that returns how long a trigger is quiet after "No" or "Later", in seconds."""
    default_s = configuration.settings.courtesy.snooze
    own_s = {trigger.id: trigger.courtesy.snooze for trigger in configuration.triggers}

    def snooze_s(trigger_id: str) -> float:
        own = own_s.get(trigger_id)
        return default_s if own is None else own

    return snooze_s


def _models(configuration: Configuration, parts: LastingParts, former: EngineVersion | None) -> ModelParts:
    """Return the former version's model parts, or new ones if what they depend on has changed."""
    new, old = configuration, former.configuration if former else None
    if former and old and old.settings.llm == new.settings.llm and old.version.paths == new.version.paths:
        return former.models
    before = former.models if former else None
    return ModelParts(new.settings, new.paths, parts.stores.memory, parts.folder, before)
