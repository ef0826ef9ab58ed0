"""What a test does where a program that it needs is not installed."""

from __future__ import annotations

import os

import pytest

__all__ = ["miss"]


def miss(message: str) -> None:
    """Fail in CI and skip elsewhere, because something is not installed."""
    if os.environ.get("CI"):
        pytest.fail(f"{message} In CI nothing is skipped.", pytrace=False)
    pytest.skip(message)
