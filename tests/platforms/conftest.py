"""The stories run on the background loop."""

from __future__ import annotations

import pytest
from support.background import BackgroundLoop


@pytest.fixture(autouse=True)
def _on_background(background: BackgroundLoop) -> None:
    """Run async tests on the loop of their servers' stand-ins."""
