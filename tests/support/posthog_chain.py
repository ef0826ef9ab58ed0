"""Element chains in posthog-js's format."""

from __future__ import annotations

from typing import Any

__all__ = ["write_chain"]


def write_chain(listed: list[dict[str, Any]]) -> str:
    """A Python port of posthog-js's ``getElementsChainString``; each element is its parent's first child."""

    def one(item: dict[str, Any]) -> str:
        keys = {key: value for key, value in item.items() if key.startswith("attr__")}
        keys |= {"nth-child": "1", "nth-of-type": "1"}
        if item.get("$el_text"):
            keys["text"] = item["$el_text"]
        if item.get("attr__id"):
            keys["attr_id"] = item["attr__id"]
        classes = "".join(f".{name}" for name in sorted(item.get("attr__class", "").split()))
        pairs = "".join(f'{key}="{value}"' for key, value in sorted(keys.items()))
        return f"{item['tag_name']}{classes}:{pairs}"

    texts = [{key: value for key, value in item.items() if isinstance(value, str)} for item in listed]
    escaped = [
        {key: value.replace('\\"', '"').replace('"', '\\"') for key, value in item.items()} for item in texts
    ]
    return ";".join(one(item) for item in escaped)
