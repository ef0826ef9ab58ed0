"""Exits with 0 if a server is healthy: for the health checks of containers, which have no curl.

A Rasa server is healthy when its gateway is connected to a running engine, any other server when it answers.

    python healthy.py http://127.0.0.1:5005/webhooks/autoplay/
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any

#: Without the proxy that the environment may name.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def problem_of(health: dict[str, Any]) -> str:
    """Return what is wrong according to the gateway's health; empty if nothing is."""
    for part, wanted in (("link", "connected"), ("engine", "running")):
        state = health[part]["state"] if part in health else wanted
        if state != wanted:
            return f"{part}: {state}, not {wanted}"
    return ""


def main(url: str) -> None:
    """Read the health of a server, and exit.

    Args:
        url: the gateway's health, or another URL that answers with JSON.
    """
    try:
        with _DIRECT.open(url, timeout=4) as answer:
            health = json.load(answer)
    except (OSError, ValueError) as failure:
        sys.exit(f"{url}: {failure}")
    sys.exit(problem_of(health) or 0)


if __name__ == "__main__":
    main(sys.argv[1])
