"""Recognises generated DOM ids, which component libraries create anew on every page load."""

from __future__ import annotations

import re

__all__ = ["is_generated_id"]

#: The browser's ``static/elements/stable_names.js`` has the same pattern.
_GENERATED_ID = re.compile(
    # React's useId in its three spellings.
    r"(?ai):r\w*:|«\w+»|^_r_\w+_$"
    r"|^(?:radix|headlessui|react-aria|mui|downshift|chakra|mantine|reka)\b"
    r"|^(?:ember|bits-|ext-gen|gwt-uid-|yui_|cdk-overlay-|mat-[a-z-]+-|mdc-[a-z-]+-|el-id-|react-select-"
    r"|rc[-_][a-z]+[-_]|tippy-|floating-ui-|__BVID__|v-|j_idt)\d"
    r"|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
)


def is_generated_id(name: str) -> bool:
    """Whether a component library generated the id; it names another element after the next page load."""
    return _GENERATED_ID.search(name) is not None
