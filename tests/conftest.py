"""What all tests can use: real servers, of which a run starts as few as it can."""

from __future__ import annotations

import pytest

# Before anything of it is imported: only then do its asserts explain themselves.
pytest.register_assert_rewrite("support")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: some hold a time, or the order of a set, and differ between processes of a run."""
    return argname if isinstance(val, bytes) else None


pytest_plugins = ["support.postgres", "support.redis_server", "support.servers"]
