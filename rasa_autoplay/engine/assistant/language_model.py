"""The language model: any OpenAI-compatible endpoint, with a timeout, a breaker and quotas."""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.metrics.histogram import MODEL_BOUNDS_S, Histogram
from rasa_autoplay.engine.assistant.circuit_breaker import CircuitBreaker
from rasa_autoplay.engine.assistant.model_span import ModelSpan
from rasa_autoplay.engine.assistant.protocol.answer_form import FORMS, AnswerForm, FormRequest
from rasa_autoplay.engine.assistant.protocol.endpoint_forms import EndpointForms
from rasa_autoplay.engine.assistant.protocol.unusable_answer import NOT_USED
from rasa_autoplay.engine.assistant.size_limited_http import bounded_client
from rasa_autoplay.settings.llm import LlmSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["FormAnswer", "LanguageModel"]

logger = logging.getLogger(__name__)

#: Maximum number of concurrent requests; further ones wait within their own timeout.
_MAX_CONCURRENT = 8
#: A response of some thousand tokens has some ten thousand bytes; longer responses are not read to the end.
_MAX_ANSWER_BYTES = 256 * 1024
_MAX_ANSWER = 16_000
#: HTTP statuses with which endpoints refuse a ``response_format`` that they do not know.
_REFUSALS = frozenset({400, 404, 422})


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """An answer, as the endpoint gave it.

    Args:
        text: what the model wrote.
        form: the form that was asked for.
        finish_reason: ``stop`` if the model had finished.
    """

    text: str
    form: AnswerForm
    finish_reason: str


class LanguageModel:
    """Completes prompts; returns None if the endpoint fails.

    The client is created on first use, because action objects are pickled when the server spawns workers, and
    because importing openai takes seconds. ``prepare()`` imports it in advance.

    After five failures in a row, the endpoint gets no requests for two minutes. Each user has a quota.

    Args:
        settings: ``llm`` of ``autoplay.yml``; the key comes from ``OPENAI_API_KEY``.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, settings: LlmSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._client: AsyncOpenAI | None = None
        self._breaker = CircuitBreaker(clock)
        self._quotas = RateLimit(settings.user_per_minute, clock, burst=settings.user_per_minute)
        self._slots = asyncio.Semaphore(_MAX_CONCURRENT)
        self.timeout_s = settings.timeout
        #: The form of answers that the endpoint can give.
        self.forms = EndpointForms(clock)
        #: ``asked``, ``answered``, ``failed``, ``timed_out``, ``circuit_open``, ``over_quota``;
        #: those of ``NOT_USED`` for answers that are not shown;
        #: ``prompt_tokens`` and ``completion_tokens`` as the endpoint counts them.
        self.counts: Counter[str] = Counter()
        #: How long each request took, in seconds, whether it was answered or not.
        self.durations = Histogram(MODEL_BOUNDS_S)
        self._clock = clock

    @property
    def is_circuit_open(self) -> bool:
        """Whether the endpoint gets no requests now."""
        return self._breaker.is_open

    async def prepare(self) -> None:
        """Import openai in a thread, so that the first question does not block the event loop."""
        try:
            await asyncio.to_thread(importlib.import_module, "openai.resources.chat.completions")
        except Exception as problem:
            logger.error(
                "openai cannot be imported (%s), so steps are explained as written. Install rasa-autoplay "
                "with the constraints of your Rasa version.",
                type(problem).__name__,
            )

    def for_user(self, user_id: str) -> LanguageModel | None:
        """Return this model for one answer to a user; None if the user has no quota left.

        Args:
            user_id: the user who asks; unknown users (an empty id) share one quota.
        """
        if self._quotas.wait_s(user_id):
            self.counts["over_quota"] += 1
            return None
        return self

    async def complete(self, system: str, user: str) -> str | None:
        """Ask for a completion in free words.

        Returns:
            The text; None if the endpoint fails, times out, returns nothing or an unfinished text, or the
            breaker is open. The log says why.
        """
        free = FormRequest(system, "", "", {}, user)
        answered = await self._within(self._settings.timeout, free, ("text",))
        if answered is None:
            return None
        if answered.finish_reason != "stop":
            self.counts[NOT_USED["cut_off"]] += 1
            logger.info("The model's answer is not used: it was not finished.")
            return None
        return answered.text[:_MAX_ANSWER].strip() or None

    async def answer(
        self, request: FormRequest, within_s: float, form: AnswerForm | None = None
    ) -> FormAnswer | None:
        """Ask for an answer in a form, and in a simpler one if the endpoint refuses it.

        Args:
            request: what to ask.
            within_s: how long to wait in all, in seconds.
            form: the form to begin with; by default the best that the endpoint is known to give.

        Returns:
            The answer; None if the endpoint fails or times out, or the breaker is open. The log says why.
        """
        forms = self.forms.from_best() if form is None else FORMS[FORMS.index(form) :]
        return await self._within(within_s, request, forms)

    async def _within(
        self, within_s: float, request: FormRequest, forms: Sequence[AnswerForm]
    ) -> FormAnswer | None:
        if not self._breaker.enter():
            self.counts["circuit_open"] += 1
            return None
        self.counts["asked"] += 1
        began_at = self._clock()
        try:
            answered = await asyncio.wait_for(self._ask_in_slot(request, forms), within_s)
        except asyncio.TimeoutError as problem:
            self._failed("timed_out", problem)
            logger.warning("The language model took longer than %g s.", within_s)
            return None
        except Exception as problem:  # openai raises many types, and the user must get an answer anyway
            self._failed("failed", problem)
            logger.warning("The language model failed: %s.", type(problem).__name__)
            return None
        finally:
            self.durations.observe(self._clock() - began_at)
        self._breaker.succeeded()
        self.counts["answered"] += 1
        return answered

    def _failed(self, how: str, problem: Exception) -> None:
        self.counts[how] += 1
        self._breaker.failed(problem)

    async def _ask_in_slot(self, request: FormRequest, forms: Sequence[AnswerForm]) -> FormAnswer:
        async with self._slots:
            *preferred, last = forms
            for form in preferred:
                try:
                    answered = await self._ask(request, form)
                except Exception as problem:
                    if getattr(problem, "status_code", None) not in _REFUSALS:
                        raise
                    continue
                if form != forms[0]:
                    self.forms.remember(form)
                return answered
            answered = await self._ask(request, last)
            if preferred:
                self.forms.remember(last)
            return answered

    async def _ask(self, request: FormRequest, form: AnswerForm) -> FormAnswer:
        client = self._client or self._connect()
        response_format: Any = request.response_format(form)
        with ModelSpan(self._settings, "json" if response_format else "text") as span:
            completion = await client.chat.completions.create(
                model=self._settings.model,
                temperature=self._settings.temperature,
                max_tokens=self._settings.max_tokens,
                messages=[
                    {"role": "system", "content": request.system(form)},
                    {"role": "user", "content": request.prompt},
                ],
                **({"response_format": response_format} if response_format else {}),
            )
            span.answered(completion)
        if completion.usage is not None:
            self.counts["prompt_tokens"] += completion.usage.prompt_tokens or 0
            self.counts["completion_tokens"] += completion.usage.completion_tokens or 0
        if not completion.choices:
            return FormAnswer("", form, "")
        choice = completion.choices[0]
        return FormAnswer((choice.message.content or "")[:_MAX_ANSWER], form, str(choice.finish_reason or ""))

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        return self._breaker.health("connected" if self.counts["answered"] else "idle", self.counts)

    def _connect(self) -> AsyncOpenAI:
        self._client = bounded_client(self._settings.base_url, _MAX_ANSWER_BYTES)
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
