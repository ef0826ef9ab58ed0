"""Formats one tail event as a line for the terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rasa_autoplay.common.printable import printable
from rasa_autoplay.settings.durations import format_duration

__all__ = ["line_of"]

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


def line_of(moment: Mapping[str, Any], *, colours: bool = False) -> str:
    """Format one event of the tail for people.

    Args:
        moment: an event as ``GET …/tail`` sends it.
        colours: whether to use the terminal's colours.

    Returns:
        ``time  kind  user  session  detail``. Unprintable characters are replaced, because titles come from
        untrusted pages and could otherwise send commands to the terminal.
    """
    word = str(moment.get("outcome") or moment.get("kind") or "?")
    at = time.strftime("%H:%M:%S", time.localtime(_number(moment.get("at"))))
    parts = [f"{word:<8}", _detail(moment)]
    if "session_id" in moment:
        parts[1:1] = [str(moment.get("user_id") or "-"), str(moment.get("session_id") or "-")]
    text = printable("  ".join(parts))
    colour = _COLOURS.get(word, "") if colours else ""
    return f"{at}  {colour}{text}{_RESET}" if colour else f"{at}  {text}"


def _detail(moment: Mapping[str, Any]) -> str:
    kind = moment.get("kind")
    if kind == "action":
        signal = f" [{moment['signal']}]" if moment.get("signal") else ""
        return f"{moment.get('title')}{signal} on {moment.get('page') or '?'} ({moment.get('source')})"
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
