"""Answers of the rule editor: texts, blocks and diffs are the real ones, the back-test is made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from browser.studio.stand_in import Refused
from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.rule_editor.rule_desk import RuleDesk
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["BEGAN", "FILE", "RuleAnswers"]

BEGAN = 1_795_900_000.0
FILE = """\
product_id: demo
studio: {write: true}
triggers:
  # The first one.
  - id: bulk_edit
    body: "Changing projects one at a time? Shall I show you how?"
    when:
      all:
        - on_page: /projects
        # Three saves mean three projects.
        - count: {title: save changes, page: /projects, at_least: 3, within: 120s}
        - never: {title: [bulk edit, apply to]}
  - {builtin: rage_click}
"""
_CAPTURED = {
    "title": [("Save changes", 1_204), ("Save as draft", 88), ("Open menu", 41)],
    "page": [("https://app.example.com/projects", 2_310), ("https://app.example.com/reports", 402)],
}


class RuleAnswers:
    """The answers to ``rules/…``.

    Args:
        folder: for ``autoplay.yml``.
        text: the file.
    """

    def __init__(self, folder: Path, text: str = FILE) -> None:
        self.path = folder / "autoplay.yml"
        self.path.write_text(text, encoding="utf-8")
        self._loaded_text = text
        self._loaded = load_configuration(YamlFile(self.path))
        self._desk = RuleDesk(self.path)
        #: Changes of the back-test's answer.
        self.backtest: dict[str, Any] = {}

    def by_path(self) -> dict[str, Any]:
        """Return the answers, by path."""
        captured = {
            kind: [{"word": word, "count": count} for word, count in words]
            for kind, words in _CAPTURED.items()
        }
        return {
            "rules": self._answer(lambda _: self._describe("")),
            "rules/trigger/bulk_edit": self._answer(lambda _: self._describe("bulk_edit")),
            "rules/vocabulary": {"captured": captured},
            "rules/blocks": self._answer(self._blocks),
            "rules/backtest": self._answer(self._backtest),
            "rules/sweep": self._answer(self._sweep),
            "rules/diff": self._answer(self._diff),
            "rules/write": self._answer(self._write),
        }

    def _answer(self, of: Callable[[Mapping[str, Any]], Any]) -> Callable[[Any, Any], Any]:
        def answer(_query: Any, body: Any) -> Any:
            try:
                return of(body)
            except ConfigError as problem:
                return Refused(400, problem.message, problem.remedy)

        return answer

    def _describe(self, trigger_id: str) -> dict[str, Any]:
        return self._desk.describe(trigger_id, self._loaded, self._loaded_text)

    def _blocks(self, body: Mapping[str, Any]) -> dict[str, Any]:
        text = self._desk.edit(body["text"], body["edit"]) if body.get("edit") else body["text"]
        return self._desk.show(self._desk.open(body["base"]), body["trigger_id"], text, self._loaded)

    def _backtest(self, body: Mapping[str, Any]) -> dict[str, Any]:
        fires = 124 if "at_least: 3" in body["text"] else 61
        return {
            "recording": {
                "events": 100_000,
                "users": 667,
                "first_at": BEGAN,
                "last_at": BEGAN + 86_400,
            },
            "reachable": 298,
            "replayed": 298,
            "is_complete": True,
            "loaded": {"fires": 124, "users": 113, "per_user_day": 0.309},
            "draft": {"fires": fires, "users": min(fires, 113), "per_user_day": fires / 400},
            "new": 0,
            "gone": 124 - fires,
            "moved": fires if fires < 124 else 0,
            "others": {"new": 7 if fires < 124 else 0, "gone": 0, "moved": 0},
            "samples": [
                {
                    "kind": "gone" if n % 2 else "moved",
                    "user_id": f"ann-{n}@example.com",
                    "session_id": f"s{n}",
                    "at": BEGAN + n * 977,
                    "page": "https://app.example.com/projects/:id/edit",
                }
                for n in range(10)
            ],
            "events_replayed": 44_700,
            "took_s": 0.8,
            "approximations": ["Users see a toast at once and ignore it."],
            **self.backtest,
        }

    def _sweep(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        fires = (894, 462, 245, 124, 55, 21, 7, 3)
        points = [
            {"value": n + 1, "fires": each, "users": each // 2, "is_current": n == 2}
            for n, each in enumerate(fires)
        ]
        return {"points": points, "is_complete": True, "reachable": 588, "replayed": 588, "took_s": 1.0}

    def _diff(self, body: Mapping[str, Any]) -> dict[str, Any]:
        file = self._desk.open(body["base"])
        return self._desk.diff(file, body["trigger_id"], body["text"], self._loaded)

    def _write(self, body: Mapping[str, Any]) -> dict[str, Any]:
        file = self._desk.open(body["base"])
        return {**self._desk.write(file, body["trigger_id"], body["text"], self._loaded), "is_logged": True}
