"""What all tests can use: real servers, of which a run starts as few as it can."""

from __future__ import annotations

import pytest

# Before anything of it is imported: only then do its asserts explain themselves.
pytest.register_assert_rewrite("support")

pytest_plugins = ["support.postgres", "support.redis_server", "support.servers"]
