"""The part of PostHog's language Hog that a destination uses: evaluates what its ``fetch`` sends.

Written after Hog's public grammar: string literals in single quotes with backslash escapes, property access
by ``.`` and ``?.``, ``??``, and dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["fetched"]

_TOKEN = re.compile(
    r"\s+|//[^\n]*"
    r"|(?P<string>'(?:[^\\']|\\(?:[bfrnt0av\\']|x[0-9a-fA-F]{2})|'')*')"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<sign>\?\.|\?\?|:=|>=|[.:,;(){}])"
    r"|(?P<number>\d+)"
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)|''", re.DOTALL)
_ESCAPED = {
    "b": "\b",
    "f": "\f",
    "r": "\r",
    "n": "\n",
    "t": "\t",
    "0": "\0",
    "a": "\a",
    "v": "\v",
    "\\": "\\",
    "'": "'",
}


def fetched(source: str, event: Mapping[str, Any], person: Mapping[str, Any] | None) -> tuple[str, Any]:
    """Return the URL and the options that the source passes to ``fetch``.

    Raises:
        ValueError: the source is not Hog, or uses more of it than is known here.
    """
    tokens = _tokens(source)
    parser = _Parser(tokens, {"event": event, "person": person})
    parser.skip_to("fetch")
    parser.take("(")
    url = parser.expression()
    parser.take(",")
    options = parser.expression()
    parser.take(")")
    return url, options


def _tokens(source: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            # The text after the call (its error message) has another form, which is not parsed here.
            if "fetch" in tokens and tokens.count("(") == tokens.count(")") + 2:
                break
            raise ValueError(f"no Hog: {source[position : position + 20]!r}")
        position = match.end()
        if match.lastgroup:
            tokens.append(match[0])
    return tokens


class _Parser:
    def __init__(self, tokens: list[str], scope: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._scope = scope
        self._at = 0

    def skip_to(self, name: str) -> None:
        self._at = self._tokens.index(name) + 1

    def take(self, sign: str) -> None:
        if self._tokens[self._at] != sign:
            raise ValueError(f"{sign!r} expected, {self._tokens[self._at]!r} found")
        self._at += 1

    def _is_next(self, sign: str) -> bool:
        return self._tokens[self._at] == sign

    def expression(self) -> Any:
        value = self._value()
        while self._is_next("??"):
            self._at += 1
            other = self._value()
            value = other if value is None else value
        return value

    def _value(self) -> Any:
        token = self._tokens[self._at]
        self._at += 1
        if token.startswith("'"):
            return _text(token)
        return self._dictionary() if token == "{" else self._property(token)

    def _property(self, name: str) -> Any:
        value = self._scope[name]
        while self._is_next(".") or self._is_next("?."):
            is_careful = self._is_next("?.")
            key = self._tokens[self._at + 1]
            self._at += 2
            if value is None and not is_careful:
                raise ValueError(f"{key!r} of null")
            value = None if value is None else value.get(key)
        return value

    def _dictionary(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not self._is_next("}"):
            key = _text(self._tokens[self._at])
            self._at += 1
            self.take(":")
            made[key] = self.expression()
            if not self._is_next("}"):
                self.take(",")
        self.take("}")
        return made


def _text(literal: str) -> str:
    if not literal.startswith("'"):
        raise ValueError(f"a string expected, {literal!r} found")

    def plain(match: re.Match[str]) -> str:
        escape = match[1]
        if escape is None:
            return "'"
        return chr(int(escape[1:], 16)) if escape.startswith("x") else _ESCAPED[escape]

    return _ESCAPE.sub(plain, literal[1:-1])
