"""A language model of the team's own writes what the toast says."""

from __future__ import annotations

import functools

from openai import AsyncOpenAI

from rasa_autoplay import ActionsPayload, Copilot

_INSTRUCTION = (
    "A user works in a web app. Write one friendly question of at most 120 characters that offers help with "
    "the workflow below. Name nothing that is not in it. If they need no help, write NONE."
)


async def on_actions(payload: ActionsPayload, copilot: Copilot) -> None:
    """Suggest a workflow to a user who has just saved something."""
    # 1. Events: what is the user doing right now?
    if payload.user_id is None or not any("save" in action.title.lower() for action in payload.actions):
        return

    # 2. Memory: what do they know already, and where do they struggle?
    memory = await copilot.memory(payload.user_id)

    # 3. Golden paths: what is the ideal way to do this?
    paths = await copilot.search("change the priority of several projects", top_k=1)
    if not paths or paths[0].path_id in memory.knowledge_state.mastered:
        return
    facts = [payload.to_text(), memory.to_text(), paths.to_text()]
    text = await _ask_model("\n\n".join(facts))
    if text == "NONE":
        return

    # 4. Trigger: make the offer. The gates decide whether this is a good moment.
    await copilot.offer(
        user_id=payload.user_id,
        session_id=payload.session_id,
        trigger="suggestion",
        body=text,
        golden_path=paths[0].path_id,
        expires_after="2m",
        idempotency_key=f"{payload.session_id}-{payload.actions[-1].timestamp_start}",
    )


@functools.cache
def _client() -> AsyncOpenAI:
    return AsyncOpenAI()  # it reads OPENAI_API_KEY


async def _ask_model(facts: str) -> str:
    answer = await _client().chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": _INSTRUCTION}, {"role": "user", "content": facts}],
    )
    return (answer.choices[0].message.content or "NONE").strip()
