"""Chinese and Japanese labels have no spaces between their signs, but component libraries insert some.

Ant Design shows the label 保存 as "保 存". Both are the same control.
"""

from __future__ import annotations

import re

__all__ = ["close_cjk_gaps"]

#: Han, Hiragana and Katakana. Korean separates its words by spaces.
_SIGN = (
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_GAP = re.compile(rf"(?<={_SIGN})\s+(?={_SIGN})")


def close_cjk_gaps(text: str) -> str:
    """Return the text without the spaces between two Chinese or Japanese signs."""
    # Nearly all texts are ASCII.
    return text if text.isascii() else _GAP.sub("", text)
