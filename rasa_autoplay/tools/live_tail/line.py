"""One moment as a line of a terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

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
    "offer": "\x1b[32m",
    "lost": "\x1b[31m",
    "engine": "\x1b[31m",
}


def line_of(moment: Mapping[str, Any], *, colours: bool = False) -> str:
    """A moment as people read it.

    Args:
        moment: as ``GET …/tail`` sends it.
        colours: whether the terminal shows them.

    Returns:
        ``time  what  user  session  detail``. What the terminal would take for a command is not in it: titles
        come from pages, and pages from strangers.
    """
    word = str(moment.get("outcome") or moment.get("kind") or "?")
    at = time.strftime("%H:%M:%S", time.localtime(_number(moment.get("at"))))
    parts = [f"{word:<8}", _detail(moment)]
    if "session_id" in moment:
        parts[1:1] = [str(moment.get("user_id") or "-"), str(moment.get("session_id") or "-")]
    told = _printable("  ".join(parts))
    colour = _COLOURS.get(word, "") if colours else ""
    return f"{at}  {colour}{told}{_RESET}" if colour else f"{at}  {told}"


def _detail(moment: Mapping[str, Any]) -> str:
    kind = moment.get("kind")
    if kind == "action":
        signal = f" [{moment['signal']}]" if moment.get("signal") else ""
        return f"{moment.get('title')}{signal} on {moment.get('page') or '?'} ({moment.get('source')})"
    if kind == "decision":
        gate = (
            f": {moment['gate']}{_for_how_long(moment)}: {moment.get('detail')}" if moment.get("gate") else ""
        )
        return f"{moment.get('trigger_id')}{gate}"
    if kind == "offer":
        return f"{moment.get('trigger_id')} is {moment.get('status')}: {moment.get('body')}"
    return str(moment.get("text") or "")


def _for_how_long(moment: Mapping[str, Any]) -> str:
    if moment.get("for_ever"):
        return ", for ever"
    left_s = _number(moment.get("until")) - _number(moment.get("at"))
    return f", for {format_duration(round(left_s))}" if left_s >= 1 else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _printable(text: str) -> str:
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
