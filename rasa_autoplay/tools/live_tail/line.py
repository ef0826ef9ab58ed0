"""Formats one tail event as a line for the terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_autoplay.common.printable import printable
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.tools.live_tail.columns import columns_of, shortened, wrapped

__all__ = ["line_of"]

#: Columns of ``12:34:56  ``, and of the narrowest terminal that lines are fitted to.
_TIME, _NARROWEST = 10, 48
_RESET = "\x1b[0m"
_COLOURS = {
    "action": "\x1b[36m",
    "fired": "\x1b[33m",
    "stopped": "\x1b[35m",
    "deferred": "\x1b[35m",
    "dropped": "\x1b[35m",
    "offered": "\x1b[1;32m",
    "withheld": "\x1b[35m",
    "paused": "\x1b[1;31m",
    "resumed": "\x1b[1;32m",
    "offer": "\x1b[32m",
    "lost": "\x1b[31m",
    "engine": "\x1b[31m",
}


def line_of(moment: Mapping[str, Any], *, colours: bool = False, width: int = 0) -> str:
    """Format one event of the tail for people.

    Args:
        moment: an event as ``GET …/tail`` sends it.
        colours: whether to use the terminal's colours.
        width: the columns of the terminal; 0 for one line of any length, as scripts expect it. Long ids are
            shortened in the middle, pages lose their origin, and long details continue on further lines.

    Returns:
        ``time  kind  user  session  detail``. Unprintable characters are replaced, because titles come from
        untrusted pages and could otherwise send commands to the terminal.
    """
    word = str(moment.get("outcome") or moment.get("kind") or "?")
    at = time.strftime("%H:%M:%S", time.localtime(_number(moment.get("at"))))
    ids = (
        [str(moment.get(name) or "-") for name in ("user_id", "session_id")] if "session_id" in moment else []
    )
    page = str(moment.get("page") or "?")
    detail = _detail(moment, _without_origin(page) if width else page)
    parts = [printable(part) for part in (f"{word:<8}", *ids, detail)]
    text = _fitted(parts, width) if width else "  ".join(parts)
    colour = _COLOURS.get(word, "") if colours else ""
    return f"{at}  {colour}{text}{_RESET}" if colour else f"{at}  {text}"


def _fitted(parts: Sequence[str], width: int) -> str:
    """Fit the parts into the columns beside the time."""
    kind, *ids, detail = parts
    width = max(width, _NARROWEST) - _TIME
    # People know users by their ids, and sessions by their first letters.
    shorter = [shortened(each, width // share) for each, share in zip(ids, (5, 9), strict=False)]
    head = "  ".join([kind, *shorter]) + "  "
    indent = len(kind) + 2
    lines = wrapped(detail, width - columns_of(head), width - indent)
    return f"\n{' ' * (_TIME + indent)}".join([head + lines[0], *lines[1:]])


def _without_origin(page: str) -> str:
    _, scheme, rest = page.partition("://")
    return f"/{rest.partition('/')[2]}" if scheme else page


def _detail(moment: Mapping[str, Any], page: str) -> str:
    kind = moment.get("kind")
    if kind == "action":
        signal = f" [{moment['signal']}]" if moment.get("signal") else ""
        return f"{moment.get('title')}{signal} on {page} ({moment.get('source')})"
    if kind == "decision":
        variant = f" ({moment['variant']})" if moment.get("variant") else ""
        gate = f": {moment['gate']}{_duration(moment)}" if moment.get("gate") else ""
        detail = f": {moment['detail']}" if moment.get("detail") else ""
        return f"{moment.get('trigger_id')}{variant}{gate}{detail}"
    if kind == "offer":
        return f"{moment.get('trigger_id')} is {moment.get('status')}: {moment.get('body')}"
    return str(moment.get("text") or "")


def _duration(moment: Mapping[str, Any]) -> str:
    if moment.get("for_ever"):
        return ", forever"
    left_s = _number(moment.get("until")) - _number(moment.get("at"))
    return f", for {format_duration(round(left_s))}" if left_s >= 1 else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
