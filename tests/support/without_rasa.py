"""Which test modules need the package ``rasa``: these are not collected in an environment without it.

The list is exact, so that a broken import cannot hide tests. A module that is not listed fails when it needs
``rasa``, and ``tests/unit/test_without_rasa.py`` fails when a listed one does not need it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from support.processes import ROOT

__all__ = ["HAS_RASA", "NEED_RASA"]

HAS_RASA = importlib.util.find_spec("rasa") is not None
#: Relative to the folder ``tests``. Those of the folders ``browser`` and ``scenario`` start Rasa.
NEED_RASA = (
    "attacks/test_admin_key.py",
    "attacks/test_chat_floods.py",
    "attacks/test_chat_packets.py",
    "attacks/test_cors.py",
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
    "contract/test_analytics_webhooks.py",
    "contract/test_answers_per_workflow.py",
    "contract/test_channel.py",
    "contract/test_custody.py",
    "contract/test_engine_in_process.py",
    "contract/test_event_stream.py",
    "contract/test_faulty_connector.py",
    "contract/test_feed_timing.py",
    "contract/test_half_open_feeds.py",
    "contract/test_injection.py",
    "contract/test_killed_engine.py",
    "contract/test_killed_gateway.py",
    "contract/test_nginx.py",
    "contract/test_scale_out.py",
    "contract/test_serve.py",
    "unit/docs/test_blocks.py",
    "unit/gateway/chat/test_long_chat_messages.py",
)
_NOT_COLLECTED = () if HAS_RASA else tuple(ROOT / "tests" / name for name in NEED_RASA)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the listed modules out where ``rasa`` is not installed."""
    return True if collection_path in _NOT_COLLECTED else None
