"""The span of a request to the language model, by OpenTelemetry's conventions for generative AI.

The conventions are those of https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/. Neither the
prompt nor the answer is recorded, and nothing of the trace is sent to the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

from rasa_autoplay.common.tracing.current import child_span
from rasa_autoplay.settings.llm import LlmSettings

__all__ = ["GEN_AI_CONVENTIONS", "ModelSpan"]

#: The version of the conventions. They are in development, and later versions may rename attributes.
GEN_AI_CONVENTIONS = "1.37.0"

#: The names that the conventions give to providers, by the end of their host's name.
_PROVIDERS: Mapping[str, str] = {
    "openai.azure.com": "azure.ai.openai",
    "api.mistral.ai": "mistral_ai",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x_ai",
    "api.perplexity.ai": "perplexity",
    "generativelanguage.googleapis.com": "gcp.gemini",
}
#: Also for an endpoint that we do not know: the conventions name the client's protocol then.
_OPENAI = "openai"
#: A model's answer is not trusted with the length of its own attributes.
_MAX_TEXT = 128


class ModelSpan:
    """A request for a completion; use it with ``with``. Outside of a trace, it does nothing.

    Args:
        settings: ``llm`` of ``autoplay.yml``.
        output: the kind of answer that is asked for, as the conventions call it.
    """

    __slots__ = ("_active", "_output", "_settings")

    def __init__(self, settings: LlmSettings, output: Literal["json", "text"]) -> None:
        self._settings = settings
        self._output = output
        self._active = child_span(f"chat {settings.model}", "client")

    def __enter__(self) -> ModelSpan:
        """Begin."""
        self._active.__enter__()
        if self._active.span is not None:
            for name, value in _of_request(self._settings).items():
                self._active.set(name, value)
            self._active.set("gen_ai.output.type", self._output)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        """End, with the type of the exception if there is one."""
        self._active.__exit__(kind, problem, at)

    def answered(self, completion: Any) -> None:
        """Record what the endpoint says about its answer, without the answer.

        Args:
            completion: openai's ``ChatCompletion``.
        """
        if self._active.span is None:
            return
        for name in ("id", "model"):
            if text := getattr(completion, name, None):
                self._active.set(f"gen_ai.response.{name}", str(text)[:_MAX_TEXT])
        reasons = [str(each.finish_reason)[:_MAX_TEXT] for each in completion.choices if each.finish_reason]
        if reasons:
            self._active.set("gen_ai.response.finish_reasons", reasons[:1])
        usage = completion.usage
        if usage is not None:
            self._active.set("gen_ai.usage.input_tokens", int(usage.prompt_tokens or 0))
            self._active.set("gen_ai.usage.output_tokens", int(usage.completion_tokens or 0))


def _of_request(settings: LlmSettings) -> dict[str, str | int | float]:
    address = urlsplit(settings.base_url or "https://api.openai.com/v1")
    host = address.hostname or ""
    provider = next((name for end, name in _PROVIDERS.items() if _ends_with(host, end)), _OPENAI)
    default_port = 443 if address.scheme == "https" else 80
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": settings.model,
        "gen_ai.request.max_tokens": settings.max_tokens,
        "gen_ai.request.temperature": settings.temperature,
        "server.address": host,
        "server.port": _port_of(address.netloc) or default_port,
    }


def _ends_with(host: str, end: str) -> bool:
    return host == end or host.endswith(f".{end}")


def _port_of(netloc: str) -> int:
    """The port of an address; 0 if it names none, or none that is a number."""
    port = netloc.rpartition(":")[2]
    return int(port) if port.isascii() and port.isdigit() else 0
