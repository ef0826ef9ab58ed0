"""The section ``llm`` of ``autoplay.yml``: the language model that rewords explanations."""

from __future__ import annotations

from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.models import Field, Settings

__all__ = ["LlmSettings"]


class LlmSettings(Settings):
    """An OpenAI-compatible endpoint. The openai package reads the API key from the environment.

    Args:
        model: the chat model's name.
        base_url: the endpoint's address; by default, the openai package's own default.
        timeout: how long to wait for an answer; after that, the steps are sent as written.
        temperature: how freely the model rewords.
        max_tokens: the maximum length of an answer. A longer one is cut off, and the steps are sent as
            written; validate warns if it is too small for the longest golden path.
        user_per_minute: how many answers the model rewords for one user; beyond that, the steps are sent as
            written.
        embedding_model: the embedding model's name. If set, golden paths are also searched by meaning; by
            default, only by words.
        summary_every: the model summarizes a session after every this many actions; by default, never.
        session_notes: true lets the model write one sentence about each ended session, for operators only.
        judge: true lets the model veto an offer or shorten its text, after the rules have decided.
        judge_timeout: how long to wait for the judge; after that, the offer is made as the rules decided.
    """

    model: str
    base_url: str | None = None
    timeout: Duration = 8.0
    temperature: float = Field(default=0.4, ge=0, le=2)
    max_tokens: int = Field(default=1000, ge=1)
    user_per_minute: int = Field(default=20, ge=1)
    embedding_model: str | None = None
    summary_every: int | None = Field(default=None, ge=5)
    session_notes: bool = False
    judge: bool = False
    judge_timeout: Duration = 2.0
