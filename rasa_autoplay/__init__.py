"""Makes any Rasa bot proactive.

This module exports all public names. Most have the name and behaviour of the vendor's SDK, so that code
written for it runs after a change of its import lines. None of them needs Rasa. Rasa itself loads
``rasa_autoplay.channel``, ``rasa_autoplay.chat_channel`` and ``rasa_autoplay.actions``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rasa_autoplay.engine.external_offers.copilot import Copilot
from rasa_autoplay.engine.knowledge.user_progress import NextStep
from rasa_autoplay.engine.sessions.state import (
    AgentStateV2,
    InvalidTransitionError,
    ProactiveState,
    ReactiveState,
    SessionState,
    ThinkingState,
)
from rasa_autoplay.engine.tours.registry import TourDefinition, TourRegistry
from rasa_autoplay.engine.triggers.decorators import only_events, remembers, title_contains
from rasa_autoplay.engine.triggers.entity import ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.page_dwell import UserPageDwellTrigger
from rasa_autoplay.engine.triggers.ping_pong import (
    CanonicalPingPongTrigger,
    ScopedCanonicalPingPongTrigger,
    default_proactive_trigger_registry,
)
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.registry import ProactiveTriggerRegistry
from rasa_autoplay.engine.triggers.scope import ScopePolicy
from rasa_autoplay.engine.triggers.section_playbook import SectionPlaybookTrigger
from rasa_autoplay.engine.triggers.sections import build_product_section_playbook, total_dwell_seconds
from rasa_autoplay.engine.triggers.types import (
    ProactiveTrigger,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    ProactiveTriggerTimings,
)
from rasa_autoplay.errors import (
    AutoplayError,
    BufferFullError,
    ConfigError,
    MalformedEvent,
    SourceRefused,
    UpstreamError,
)
from rasa_autoplay.events.models import ActionsPayload, AnyPayload, SlimAction, SummaryPayload
from rasa_autoplay.gateway.sources.connector_webhook import WebhookReceiver
from rasa_autoplay.link.offer_answers import OfferAnswer, StoppedBy
from rasa_autoplay.sdk.agent_context import AsyncAgentContextWriter
from rasa_autoplay.sdk.context_store import AsyncContextStore, actions_bucket_id
from rasa_autoplay.sdk.exploration_gate import ExplorationGateConfig, evaluate_hard_gate
from rasa_autoplay.sdk.onboarding import (
    JourneyState,
    OnboardingPlan,
    OnboardingState,
    OnboardingWorkflow,
    StepProgress,
    UserAdoptionState,
    WorkflowProgress,
    WorkflowStatus,
    WorkflowStep,
    is_plan_complete,
    split_workflows,
    step_completion_ratio,
)
from rasa_autoplay.sdk.summarizer import DEFAULT_PROMPT, AsyncSessionSummarizer
from rasa_autoplay.sdk.trigger_catalogue import (
    BUILTIN_TRIGGER_CATALOG,
    PROACTIVE_TRIGGER_IDS,
    BuiltinTriggerCatalogEntry,
    ResolvedBuiltinTriggerSpec,
    get_proactive_trigger_ids,
    list_builtin_trigger_catalog,
    registry_from_builtin_specs,
    resolve_builtin_specs,
)

if TYPE_CHECKING:
    from rasa_autoplay.common.identity.user_tokens import mint_token
    from rasa_autoplay.gateway.sources.connector import AsyncConnectorClient

#: Names whose modules import large libraries (aiohttp, PyJWT); they are imported on first use.
_LAZY = {
    "AsyncConnectorClient": "rasa_autoplay.gateway.sources.connector",
    "mint_token": "rasa_autoplay.common.identity.user_tokens",
}

#: The SDK's names for these errors, so that ``except`` clauses written for it work.
SdkError = AutoplayError
SdkConfigError = ConfigError
SdkUpstreamError = UpstreamError
SdkBufferFullError = BufferFullError

__all__ = [
    "BUILTIN_TRIGGER_CATALOG",
    "DEFAULT_PROMPT",
    "PROACTIVE_TRIGGER_IDS",
    "ActionsPayload",
    "AgentStateV2",
    "AnyPayload",
    "AsyncAgentContextWriter",
    "AsyncConnectorClient",
    "AsyncContextStore",
    "AsyncSessionSummarizer",
    "AutoplayError",
    "BufferFullError",
    "BuiltinTriggerCatalogEntry",
    "CanonicalPingPongTrigger",
    "ConfigError",
    "Copilot",
    "ExplorationGateConfig",
    "InvalidTransitionError",
    "JourneyState",
    "MalformedEvent",
    "NextStep",
    "OfferAnswer",
    "OnboardingPlan",
    "OnboardingState",
    "OnboardingWorkflow",
    "PredicateProactiveTrigger",
    "ProactiveState",
    "ProactiveTrigger",
    "ProactiveTriggerContext",
    "ProactiveTriggerEntity",
    "ProactiveTriggerRegistry",
    "ProactiveTriggerResult",
    "ProactiveTriggerTimings",
    "ReactiveState",
    "ResolvedBuiltinTriggerSpec",
    "ScopePolicy",
    "ScopedCanonicalPingPongTrigger",
    "SdkBufferFullError",
    "SdkConfigError",
    "SdkError",
    "SdkUpstreamError",
    "SectionPlaybookTrigger",
    "SessionState",
    "SlimAction",
    "SourceRefused",
    "StepProgress",
    "StoppedBy",
    "SummaryPayload",
    "ThinkingState",
    "TourDefinition",
    "TourRegistry",
    "UpstreamError",
    "UserAdoptionState",
    "UserPageDwellTrigger",
    "WebhookReceiver",
    "WorkflowProgress",
    "WorkflowStatus",
    "WorkflowStep",
    "actions_bucket_id",
    "build_product_section_playbook",
    "default_proactive_trigger_registry",
    "evaluate_hard_gate",
    "get_proactive_trigger_ids",
    "is_plan_complete",
    "list_builtin_trigger_catalog",
    "mint_token",
    "only_events",
    "registry_from_builtin_specs",
    "remembers",
    "resolve_builtin_specs",
    "split_workflows",
    "step_completion_ratio",
    "title_contains",
    "total_dwell_seconds",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
