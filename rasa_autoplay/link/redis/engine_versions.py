"""Notices engines that have loaded different versions of ``autoplay.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["describe_differing_versions"]


def describe_differing_versions(engines: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return ``{configuration: {problem}}`` if engines differ; empty if they agree.

    Args:
        engines: the health of each engine, by its id.
    """
    versions = {
        engine_id: str((health.get("configuration") or {}).get("fingerprint") or "unknown")
        for engine_id, health in engines.items()
    }
    if len(set(versions.values())) < 2:
        return {}
    listed = ", ".join(f"{engine_id} has {version}" for engine_id, version in sorted(versions.items()))
    return {"configuration": {"problem": f"the engines use different versions of autoplay.yml: {listed}"}}
