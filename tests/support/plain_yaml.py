"""YAML as people write it: without anchors and aliases for what occurs twice."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["plain_yaml"]


class _Dumper(yaml.SafeDumper):  # type: ignore[misc] # PyYAML has no types
    def ignore_aliases(self, _data: object) -> bool:
        """Write everything out."""
        return True


def plain_yaml(data: object, **options: Any) -> str:
    """Return data as YAML, in its own order and without line breaks in texts."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=10_000, **options)
    return text
