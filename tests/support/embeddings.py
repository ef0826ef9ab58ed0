"""A stand-in for an embeddings endpoint: equal texts have equal vectors, synonyms similar ones.

It knows a small dictionary of everyday words, and tolerates typing errors by comparing trigrams. It shows how
the ranking uses similar meanings, not how good a real endpoint is.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from typing import Any, Literal

from aiohttp import web

__all__ = ["EmbeddingsEndpoint", "vector_of"]

Mood = Literal["good", "failing", "slow", "too few", "other length", "no numbers"]

_TELLS_NOTHING = frozenset(
    [
        "and",
        "the",
        "you",
        "your",
        "what",
        "were",
        "for",
        "with",
        "how",
        "can",
        "our",
        "this",
        "that",
        "from",
        "its",
        "they",
        "who",
    ]
)
_LETTERS_AT, _LENGTH = 64, 512
#: Synonyms, by the stems of their forms.
_MEANINGS = [
    line.split()
    for line in """
    colleague teammate coworker mate member staff employee kolleg
    invite einladen einladung
    pay wage salary salaries payroll payslip money lohn gehalt
    company firm business enterprise entreprise firma
    rename name
    book reserve
    room place
    refund money repay reimburs
    return retour sends
    spreadsheet csv table list excel tabelle
    contact people address person
    article post blog text beitrag
    publish online release
    token key secret credential schlüssel
    revoke replace rotate fresh leaked
    vehicle car van truck auto fahrzeug
    register bought buy add
    alert notify message warn
    threshold limit above
    calendar appointment outlook google kalender
    connect sync link verbinden
    password kennwort passwort
    cancel end stop kündigen longer
    subscription plan paid abonnement
    invoice bill rechnung
    merge join duplicate twice double
    time stopwatch timer hours
    leave holiday vacation absence urlaub
    restore deleted recycle threw mistake undo away
    document file datei
    language sprache langue
    dashboard chart screen figure diagramm
    report statistics bericht
    phone mobile handy
    dark night helligkeit
    """.strip().splitlines()
]


def vector_of(text: str) -> list[float]:
    """Return the text's vector; the first part counts meanings, the rest trigrams."""
    vector = [0.0] * _LENGTH
    for word in set(re.findall(r"[^\W\d_]{3,}", text.lower())) - _TELLS_NOTHING:
        for meaning, beginnings in enumerate(_MEANINGS):
            if any(word.startswith(beginning) for beginning in beginnings):
                vector[meaning] = 2.0
        padded = f"#{word}#"
        for at in range(len(padded) - 2):
            place = zlib.crc32(padded[at : at + 3].encode()) % (_LENGTH - _LETTERS_AT)
            vector[_LETTERS_AT + place] = 0.5
    return vector


class EmbeddingsEndpoint:
    """Serves ``/v1/embeddings``.

    Args:
        slow_s: the response time in seconds when it is slow.
    """

    def __init__(self, slow_s: float = 30.0) -> None:
        self.mood: Mood = "good"
        #: Every text that was requested.
        self.asked: list[str] = []
        self._slow_s = slow_s

    def app(self) -> web.Application:
        """Return the app for a test server."""
        app = web.Application()
        app.router.add_post("/v1/embeddings", self._embed)
        return app

    async def _embed(self, request: web.Request) -> web.Response:
        texts = (await request.json())["input"]
        self.asked += texts
        if self.mood == "failing":
            return web.json_response({"error": {"message": "out of order"}}, status=500)
        if self.mood == "slow":
            await asyncio.sleep(self._slow_s)
        data = [self._entry(at, text) for at, text in enumerate(texts)]
        if self.mood == "too few":
            data.pop()
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return web.json_response({"object": "list", "model": "e", "data": data[::-1], "usage": usage})

    def _entry(self, at: int, text: str) -> dict[str, Any]:
        vector: Any = vector_of(text)
        if self.mood == "other length":
            vector = vector[:7]
        elif self.mood == "no numbers":
            vector = ["a", "b"]
        return {"object": "embedding", "index": at, "embedding": vector}
