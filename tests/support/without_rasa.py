"""Which test modules need the package ``rasa``: these are not collected in an environment without it.

The list is exact, so that a broken import cannot hide tests. A module that is not listed fails when it needs
``rasa``, and ``tests/unit/test_without_rasa.py`` fails when a listed one does not need it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

from support.processes import ROOT

__all__ = ["NEEDS", "is_installed"]

#: Relative to the folder ``tests``. Those of the folders ``browser`` and ``scenario`` start Rasa.
_NEED_RASA = (
    "attacks/test_admin_key.py",
    "attacks/test_chat_floods.py",
    "attacks/test_chat_packets.py",
    "attacks/test_cors.py",
    "attacks/test_changing_files.py",
    "attacks/test_fairness.py",
    "attacks/test_floods.py",
    "attacks/test_half_sent_headers.py",
    "attacks/test_hanging_database.py",
    "attacks/test_hostile_texts.py",
    "attacks/test_ids_and_logs.py",
    "attacks/test_ids_behind_proxies.py",
    "attacks/test_large_requests.py",
    "attacks/test_other_users.py",
    "attacks/test_parties_in_a_deployment.py",
    "attacks/test_rate_limits.py",
    "attacks/test_secrets.py",
    "attacks/test_slow_requests.py",
    "attacks/test_stolen_sessions.py",
    "attacks/test_stuck_parties.py",
    "attacks/test_tokens.py",
    "attacks/test_webhooks.py",
    "contract/test_adopted_projects.py",
    "contract/test_alerts.py",
    "contract/test_analytics_webhooks.py",
    "contract/test_answers_per_workflow.py",
    "contract/test_channel.py",
    "contract/test_custody.py",
    "contract/test_dashboard.py",
    "contract/test_engine_in_process.py",
    "contract/test_event_broker.py",
    "contract/test_event_stream.py",
    "contract/test_faulty_connector.py",
    "contract/test_feed_timing.py",
    "contract/test_half_open_feeds.py",
    "contract/test_killed_engine.py",
    "contract/test_killed_gateway.py",
    "contract/test_killed_outcomes.py",
    "contract/test_killed_offers.py",
    "contract/test_killed_rasa_with_engine.py",
    "contract/test_metrics.py",
    "contract/test_nginx.py",
    "contract/test_offers_from_code.py",
    "contract/test_outcome_routes.py",
    "contract/test_propose_on_engine.py",
    "contract/test_rasa_conversations.py",
    "contract/test_scale_out.py",
    "contract/test_serve.py",
    "contract/test_traces.py",
    "unit/docs/test_blocks.py",
    "unit/gateway/chat/test_long_chat_messages.py",
)
#: By package: the test modules that import it. An environment without Rasa does not build the documentation.
NEEDS: Mapping[str, tuple[str, ...]] = {"rasa": _NEED_RASA, "mkdocs": ("unit/docs/test_site.py",)}


def is_installed(package: str) -> bool:
    """Return whether this environment has a package."""
    return importlib.util.find_spec(package) is not None


_NOT_COLLECTED = {
    ROOT / "tests" / name for package, names in NEEDS.items() if not is_installed(package) for name in names
}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out the listed modules whose package is not installed."""
    return True if collection_path in _NOT_COLLECTED else None
