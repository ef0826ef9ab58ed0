"""The knowledge base: finds the golden paths that match a question.

SQLite's full-text index (FTS5) ranks by BM25, once by word stems and once by trigrams, which tolerate typing
errors and find parts of compounds. Similarity in meaning is added if it is known.
"""

from __future__ import annotations

import re
import sqlite3
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.common.languages.each_language import all_languages
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.errors import AutoplayError

__all__ = ["KnowledgeBase", "Match", "Matches", "document_of"]

_WORD = re.compile(r"[^\W_]+")
_MAX_WORDS = 32
_MAX_QUERY = 1000
#: Weights of id, title, description, labels, steps and page: the title says most.
_WEIGHTS = "0.0, 6.0, 3.0, 2.0, 1.0, 1.5"
_STEMS, _TRIGRAMS = 1.0, 0.35
#: Weight of the similarity in meaning against the words; both range from 0 to 1.
_MEANING_WEIGHT = 0.5
#: Unrelated texts have a lower similarity than this.
_MIN_SIMILARITY = 0.3
_LETTERS = 3
#: A match by trigrams alone needs this share of the query's trigrams.
_MIN_SHARE = 0.45
#: If a query has this many words and only one of them matches, in several paths, it is a coincidence.
_MANY_WORDS = 5
_STOP_WORDS = """
    a an and any are make made as at be but by can could did do does for from get had has have help how
    i if in is it its me my of on or our please shall should show so some tell that the their them then
    there these they this to us want was way we what when where which who why will with would you your
    aber als am an auf aus bei bitte das dem den der des die du ein eine einen einer er es für hat ich
    im in ist kann mein meine meinen mich mir mit muss nach oder sie sind und von was wie wo zu zum zur
    find finde use
"""
_STOP_WORD_SET = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Match:
    """A golden path that matches.

    Args:
        path: the golden path.
        score: from 0 to 1, higher is better; comparable only within one result.
    """

    path: GoldenPath
    score: float

    def as_dict(self) -> dict[str, Any]:
        """Return the match for JSON; ``steps_text`` has plain texts, ``text`` the prompt's text."""
        return {
            "path_id": self.path.id,
            "title": self.path.title,
            "description": self.path.description,
            "page": self.path.page,
            "score": round(self.score, 4),
            "steps": [
                {
                    "id": step.id,
                    "title": step.title,
                    "text": step.text,
                    "label": next(iter(step.labels), None),
                }
                for step in self.path.steps
            ],
            "steps_text": [step.text for step in self.path.steps],
            "text": self.to_text(),
        }

    def to_text(self) -> str:
        """Return the steps for people and for prompts."""
        return self.path.how_to()


class Matches(list[Match]):
    """A list of matches, best first."""

    def to_text(self) -> str:
        """Return the matches' texts, separated by blank lines."""
        return "\n\n".join(match.to_text() for match in self)


def document_of(path: GoldenPath) -> str:
    """Return the searched texts of a path as one text, in all languages."""
    return "\n".join(part for each in _in_each_language(path) for part in _fields(each) if part)


class KnowledgeBase:
    """Searches golden paths.

    Args:
        paths: all golden paths.

    Raises:
        AutoplayError: this Python's SQLite has no full-text search.
    """

    def __init__(self, paths: Sequence[GoldenPath]) -> None:
        self.paths = {path.id: path for path in paths}
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._index.close)
        try:
            for name, tokenizer in (("stems", "porter unicode61 remove_diacritics 2"), ("grams", "trigram")):
                self._index.execute(
                    f"CREATE VIRTUAL TABLE {name} USING fts5"
                    f"(id UNINDEXED, title, description, labels, steps, page, tokenize = '{tokenizer}')"
                )
        except sqlite3.OperationalError as problem:
            raise AutoplayError(
                f"This Python's SQLite has no full-text search ({problem}).",
                remedy="Use a Python with SQLite 3.34 or newer that was built with FTS5.",
            ) from None
        # A row for each language, so that a path with many languages is not taken for a long text.
        rows = [(path.id, *_fields(each)) for path in paths for each in _in_each_language(path)]
        for name in ("stems", "grams"):
            self._index.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608

    def query_knowledge_base(
        self, *, query: str, top_k: int = 3, similarity: Mapping[str, float] | None = None
    ) -> Matches:
        """Return the paths that match a question, best first.

        Args:
            query: the question.
            top_k: maximum number of paths.
            similarity: similarity in meaning by path id, from 0 to 1; None to search by words only.
        """
        scores = self._by_words(query[:_MAX_QUERY])
        best = max(scores.values(), default=0.0)
        if similarity is not None:
            by_words = {path_id: score / best for path_id, score in scores.items()} if best else {}
            scores = {
                path_id: (1 - _MEANING_WEIGHT) * by_words.get(path_id, 0.0) + _MEANING_WEIGHT * alike
                for path_id, alike in similarity.items()
                if path_id in self.paths and (path_id in by_words or alike >= _MIN_SIMILARITY)
            }
        else:
            scores = {path_id: score / (1.0 + score) for path_id, score in scores.items()}
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return Matches(Match(self.paths[path_id], score) for path_id, score in ranked[: max(top_k, 0)])

    def share_of_words(self, query: str, path_id: str) -> float:
        """Which share of a question's words a path contains, from 0 to 1; words like "how" do not count."""
        words = set(_words_to_find(query[:_MAX_QUERY]))
        contains = "SELECT 1 FROM stems WHERE stems MATCH ? AND id = ?"
        found = [self._index.execute(contains, (_any_of([word]), path_id)).fetchone() for word in words]
        return sum(each is not None for each in found) / len(words) if words else 0.0

    def _by_words(self, query: str) -> dict[str, float]:
        words_to_find = _words_to_find(query)
        if self._is_coincidence(words_to_find):
            return {}
        scores: dict[str, float] = {}
        for path_id, score in self._ranked("stems", _any_of(words_to_find)):
            scores[path_id] = max(scores.get(path_id, 0.0), _STEMS * score)
        grams = list(dict.fromkeys(gram for word in words_to_find for gram in _trigrams(word)))
        likely = list(self._ranked("grams", _any_of(grams[: 4 * _MAX_WORDS])))
        top = max((score for _, score in likely), default=0.0)
        by_grams = dict(reversed(likely))  # the first row of a path is its best
        for path_id, score in by_grams.items():
            if path_id in scores or self._shares(path_id, words_to_find):
                scores[path_id] = scores.get(path_id, 0.0) + _TRIGRAMS * score / max(top, 1.0)
        return scores

    def _is_coincidence(self, words: Sequence[str]) -> bool:
        """Whether only one of many words matches, and that word matches several paths."""
        if len(set(words)) < _MANY_WORDS:
            return False
        count = "SELECT count(*) FROM (SELECT DISTINCT id FROM stems WHERE stems MATCH ? LIMIT 2)"
        paths = (self._index.execute(count, (_any_of([word]),)).fetchone()[0] for word in set(words))
        known = [number for number in paths if number]
        return len(known) == 1 and known[0] > 1

    def _shares(self, path_id: str, words: Sequence[str]) -> bool:
        """Whether a path nearly contains one of the words; a single common trigram is not enough."""
        document = document_of(self.paths[path_id]).lower()
        for word in words:
            grams = list(_trigrams(word))
            if len(grams) > 1 and sum(gram in document for gram in grams) >= max(2, _MIN_SHARE * len(grams)):
                return True
        return False

    def _ranked(self, table: str, match: str) -> Iterator[tuple[str, float]]:
        if not match:
            return
        rows = self._index.execute(
            f"SELECT id, -bm25({table}, {_WEIGHTS}) AS score FROM {table} "  # noqa: S608 - our own names
            f"WHERE {table} MATCH ? ORDER BY score DESC LIMIT 50",
            (match,),
        )
        yield from rows


def _in_each_language(path: GoldenPath) -> Iterator[GoldenPath]:
    for language in path.languages or ("",):
        yield path.in_language((language,))


def _fields(path: GoldenPath) -> tuple[str, str, str, str, str]:
    """The searched texts, each in all its languages."""
    written = path.source
    labels = " ".join(
        part for step in written.steps for part in (_all(step.title), *step.labels_in_every_language)
    )
    steps = " ".join(_all(step.text) for step in written.steps)
    return _all(written.title), _all(written.description), labels, steps, path.page.replace("/", " ")


def _all(text: str) -> str:
    return " ".join(all_languages(text))


def _words_to_find(query: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(query)]
    return [word for word in words if word not in _STOP_WORD_SET and len(word) > 1][:_MAX_WORDS]


def _any_of(words: Sequence[str]) -> str:
    """Build a query for any of the words; quotes make each word data, not syntax."""
    return " OR ".join(f'"{word}"' for word in words)


def _trigrams(word: str) -> Iterator[str]:
    for at in range(len(word) - _LETTERS + 1):
        yield word[at : at + _LETTERS]
