"""Texts in several languages, in the rule editor's blocks."""

from __future__ import annotations

from rasa_autoplay.engine.rule_editor.value_kinds import ValueKinds


def test_a_text_of_a_built_in_trigger_is_a_text() -> None:
    kinds = ValueKinds()
    assert kinds.describe("missed", kinds.parameters("next_step")["missed"])["kind"] == "text"
    assert kinds.describe("body", kinds.trigger["body"])["kind"] == "text"
