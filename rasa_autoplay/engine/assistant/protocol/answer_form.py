"""The three forms in which a model can be asked to answer: by a JSON schema, as JSON, and as strict lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["FORMS", "AnswerForm", "FormRequest", "explanation_schema", "question_schema"]

#: ``schema``: the endpoint enforces a JSON schema. ``json``: it enforces JSON. ``text``: it enforces nothing.
AnswerForm = Literal["schema", "json", "text"]
#: The most reliable first.
FORMS: tuple[AnswerForm, ...] = ("schema", "json", "text")


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A request that can be made in each form.

    Args:
        task: the system prompt, without the description of the form.
        json_form: describes the form as JSON, to the model.
        text_form: describes the form as lines, to the model.
        schema: the JSON schema.
        prompt: the user prompt.
    """

    task: str
    json_form: str
    text_form: str
    schema: Mapping[str, Any]
    prompt: str

    def system(self, form: AnswerForm) -> str:
        """Return the system prompt for a form."""
        return f"{self.task} {self.text_form if form == 'text' else self.json_form}".strip()

    def response_format(self, form: AnswerForm) -> dict[str, Any] | None:
        """Return the API's ``response_format``; None if the endpoint is to enforce nothing."""
        if form == "schema":
            return {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(self.schema)},
            }
        return {"type": "json_object"} if form == "json" else None


def explanation_schema(step_ids: Iterable[str]) -> dict[str, Any]:
    """Return the schema of an explanation: a sentence for each step."""
    return _object({"steps": _sentences(step_ids)})


def question_schema(path_ids: Iterable[str], step_ids: Iterable[str]) -> dict[str, Any]:
    """Return the schema of an answer to a question: a path with its steps, or free words, or both."""
    path: dict[str, Any] = {"type": "null"}
    ids = list(path_ids)
    if ids:
        path = {"anyOf": [{"type": "string", "enum": ids}, path]}
    return _object({"path": path, "steps": _sentences(step_ids), "answer": {"type": "string"}})


def _sentences(step_ids: Iterable[str]) -> dict[str, Any]:
    ids = list(dict.fromkeys(step_ids))
    step_id = {"type": "string", "enum": ids} if ids else {"type": "string"}
    return {"type": "array", "items": _object({"id": step_id, "sentence": {"type": "string"}})}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    # Strict schemas require every property, and allow no others.
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
