"""A team's back end and its on_actions function make offers, on real servers."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import ADMIN_KEY, Deployment, deployed, signed
from support.documentation import Block, blocks
from support.language_model import LanguageModelServer
from support.missing import miss
from support.offer_requests import AUTOPLAY, SERVER_KEY, WEBHOOK_SECRET, begin_session, post_offer
from support.processes import ROOT
from support.run import asynchronous

from example_bot import suggestions
from rasa_autoplay import ActionsPayload, AutoplayError, Copilot, OfferAnswer

_RULES = AUTOPLAY.replace("GOLDEN_PATHS", json.dumps(str(ROOT / "example_bot" / "golden_paths")))

ASKED = {"trigger": "suggestion", "user_id": "anna", "body": "Ready?"}


@asynccontextmanager
async def serving(folder: Path, more: str = "", **channel: Any) -> AsyncIterator[Deployment]:
    keys = {"webhook_secret": WEBHOOK_SECRET, "server_key": SERVER_KEY}
    async with deployed(folder, rules=_RULES, more=more, **{**keys, **channel}) as made:
        yield made


async def has_session(made: Deployment, user: str) -> None:
    """Begin a session, and wait until the engine has it."""
    await begin_session(made, user)

    async def is_live() -> bool:
        return await made.engine.sessions.latest_of("demo", user) is not None

    await eventually(is_live, what="the session is live")


@asynchronous
async def test_makes_an_offer_and_answers_a_retry_with_the_same(tmp_path: Path) -> None:
    async with serving(tmp_path) as made:
        stream = await made.listen("anna")
        await has_session(made, "anna")
        asked = {
            "trigger": "suggestion",
            "user_id": "anna",
            "body": "Shall  we\n start?",
            "expires_after": "5m",
        }
        status, offer = await post_offer(made, "key-1", **asked)
        assert status == 201, offer
        toast = await stream.toast()
        assert (toast["offer_id"], toast["body"]) == (offer["offer_id"], "Shall we start?")
        assert toast["expires_at"] == offer["expires_at"]
        assert (offer["arm"], offer["stopped"], offer["session_id"]) == ("shown", None, "ps-anna")

        assert await post_offer(made, "key-1", **asked) == (201, offer)
        status, problem = await post_offer(made, "key-1", **{**asked, "body": "Another?"})
        assert (status, "key" in problem["error"]) == (422, True)

        # A second offer is stopped by the first, and says until when; so is each retry.
        status, stopped = await post_offer(made, "key-2", trigger="fixed", user_id="anna")
        assert (status, stopped["offer_id"], stopped["stopped"]["gate"]) == (200, "", "one_at_a_time")
        assert stopped["stopped"]["until"] == pytest.approx(offer["expires_at"], abs=300)
        assert await post_offer(made, "key-2", trigger="fixed", user_id="anna") == (200, stopped)
        assert len(stream.toasts) == 1

        explained = (await made.request("GET", "/explain/anna", headers=_ADMIN))[1]
        texts = {each["trigger_id"]: each["text"] for each in explained["triggers"]}
        assert texts["suggestion"].startswith("It fired")
        assert texts["fixed"].startswith("Its offers come from your own code; one_at_a_time would stop one")
        assert explained["offers"][0]["offer_id"] == offer["offer_id"]


_ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}


@pytest.mark.slow
@asynchronous
async def test_offers_of_code_leave_the_evidence_of_rules_alone(tmp_path: Path) -> None:
    async with serving(tmp_path) as made:
        stream = await made.listen("anna")
        await has_session(made, "anna")
        first = await post_offer(made, "1", trigger="suggestion", user_id="anna", body="One?")
        await stream.toast()
        await made.post("/proactive/ack", _receipt(first, "rendered"), "anna")
        await made.post("/proactive/ack", _receipt(first, "dismissed"), "anna")
        await made.engine.sessions.forget_user("demo", "anna")  # and with it the cooldown
        await begin_session(made, "anna", saves=3)
        await eventually(lambda: len(stream.toasts) == 2, what="the rule's toast")
        assert stream.toasts[1]["trigger_id"] == "rule"


def _receipt(answer: tuple[int, Any], event: str) -> dict[str, str]:
    return {"offer_id": answer[1]["offer_id"], "event": event, "user_id": "anna"}


@asynchronous
async def test_names_each_fault_of_a_request(tmp_path: Path) -> None:
    async with serving(tmp_path) as made:
        await made.listen("ben")  # so that the engine knows that gateways have reported who is there
        await has_session(made, "anna")
        for change, status, words in (
            ({"trigger": "sugestion"}, 422, "did you mean 'suggestion'?"),
            ({"trigger": "rule"}, 422, "external: true"),
            ({"trigger": 5}, 422, "trigger: must be a text"),
            ({"trigger": ""}, 422, "trigger: it is missing"),
            ({"user_id": ""}, 422, "user_id: it is missing"),
            ({"user_id": "a\nb"}, 422, "user_id must have"),
            ({"user_id": 4.5}, 422, "user_id must be a text or a whole number, not a fraction"),
            ({"user_id": 404}, 404, "no live session"),
            ({"user_id": "nobody"}, 404, "no live session"),
            ({"session_id": "ps-ben"}, 404, "no session 'ps-ben'"),
            ({"body": ""}, 422, "has no text of its own"),
            ({"body": "\u202e"}, 422, "no visible characters"),
            ({"body": "x" * 1_001}, 422, "1001 characters"),
            ({"golden_path": "projects"}, 422, "Known: projects-bulk-edit"),
            ({"expires_after": "2 minutes"}, 422, "is not a duration"),
            ({"expires_after": 0}, 422, "more than 0"),
            ({"expires_after": 1e9}, 422, "24 h"),
            ({"expires_after": True}, 422, "expires_after"),
            ({"boddy": "x"}, 422, "did you mean 'body'?"),
        ):
            answer = await post_offer(made, "one-key", {**ASKED, **change})
            assert answer[0] == status, (change, answer)
            assert words in f"{answer[1]['error']} {answer[1].get('remedy')}", (change, answer)
        assert (await post_offer(made, "one-key", b"{not json"))[0] == 400
        assert (await post_offer(made, "one-key", b"[]"))[0] == 400
        assert (await post_offer(made, "one-key", b"x" * 20_000))[0] == 413
        status, problem = await post_offer(made, "", ASKED)
        assert (status, "Idempotency-Key" in problem["error"]) == (400, True)
        assert (await post_offer(made, "k\u00e4y", ASKED))[0] == 422
        assert (await post_offer(made, "k" * 256, ASKED))[0] == 422
        # None of these has used up the key.
        assert (await post_offer(made, '"one-key"', ASKED))[0] == 201


@asynchronous
async def test_needs_the_server_key_and_gives_it_to_no_page(tmp_path: Path) -> None:
    origin = "https://app.example.com"
    async with serving(tmp_path, allowed_origins=[origin]) as made:
        for key in ("", "wrong-key-wrong-key", ADMIN_KEY):
            assert (await post_offer(made, "1", ASKED, server_key=key))[0] == 401
        assert (await made.request("POST", "/offers?token=" + SERVER_KEY, ASKED))[0] == 401
        assert (await made.request("POST", "/offers", ASKED, signed("anna")))[0] == 401
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        url = f"{made.origin}/webhooks/autoplay/offers"
        async with made.http.options(url, headers=headers) as preflight:
            assert "Access-Control-Allow-Origin" not in preflight.headers
        statuses = [
            (await post_offer(made, "1", ASKED, server_key="wrong-key-wrong-key"))[0] for _ in range(12)
        ]
        assert statuses[-1] == 429
        assert (await post_offer(made, "1", ASKED))[0] == 429
        assert (await made.health())["rate_limited"]["by_server_key"] >= 1
    (tmp_path / "without").mkdir()
    async with serving(tmp_path / "without", server_key="") as made:
        status, problem = await post_offer(made, "1", ASKED)
        assert (status, "server_key" in problem["remedy"]) == (404, True)


@asynchronous
async def test_concurrent_duplicates_make_one_offer(tmp_path: Path) -> None:
    async with serving(tmp_path) as made:
        stream = await made.listen("anna")
        await has_session(made, "anna")
        answers = await asyncio.gather(*(post_offer(made, "same", **ASKED) for _ in range(30)))
        offers = {offer["offer_id"] for status, offer in answers if status == 201}
        assert len(offers) == 1
        assert {status for status, _ in answers} <= {201, 409}
        status, offer = await post_offer(made, "same", **ASKED)
        assert (status, {offer["offer_id"]}) == (201, offers)
        assert [toast["offer_id"] for toast in stream.toasts] == list(offers)


@asynchronous
async def test_is_unavailable_without_the_engine_and_answers_the_retry_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as made:
        stream = await made.listen("anna")
        await has_session(made, "anna")
        status, offer = await post_offer(made, "before", **ASKED)
        assert status == 201
        await stream.toast()
        await made.actions.kill()
        status, problem = await post_offer(made, "before", **ASKED)
        assert (status, "same Idempotency-Key" in problem["remedy"]) == (503, True)
        await made.actions.start()
        found: list[tuple[int, Any]] = []

        async def answered() -> bool:
            found.append(await post_offer(made, "before", **ASKED))
            return found[-1][0] == 201

        await eventually(answered, within_s=60, what="the engine is back")
        assert found[-1] == (201, offer)
        assert [toast["offer_id"] for toast in stream.toasts] == [offer["offer_id"]]


@asynchronous
async def test_says_that_an_offer_is_withheld(tmp_path: Path) -> None:
    async with serving(tmp_path, more="holdout: {share: 100%}\n") as made:
        stream = await made.listen("anna")
        await has_session(made, "anna")
        status, offer = await post_offer(made, "1", trigger="fixed", user_id="anna")
        assert (status, offer["arm"], offer["stopped"]) == (201, "holdout", None)
        stored = (await made.request("GET", f"/offers/{offer['offer_id']}", headers=_ADMIN))[1]
        assert stored["arm"] == "holdout"
        assert stream.toasts == []


ANSWERS: dict[str, OfferAnswer] = {}
SEEN: list[Any] = []


async def suggest(payload: ActionsPayload, copilot: Copilot) -> None:
    """The hook of the test below."""
    if payload.user_id == "nobody-else":
        return
    key = f"{payload.session_id}-{payload.actions[-1].timestamp_start}"
    user = payload.user_id or ""
    found = await copilot.search("change many projects", 1)
    SEEN.append(
        (
            found[0].path_id,
            (await copilot.memory(user)).knowledge_state.mastered,
            await copilot.next_step(user),
        )
    )
    ANSWERS[user] = await copilot.offer(
        user_id=user,
        session_id=payload.session_id,
        trigger="suggestion",
        body="From the hook?",
        golden_path=found[0].path_id,
        expires_after=60,
        idempotency_key=key,
    )
    try:
        await copilot.offer(user_id=user, trigger="missing")
    except AutoplayError as problem:
        SEEN.append(str(problem))


@asynchronous
async def test_a_hook_makes_an_offer(tmp_path: Path) -> None:
    ANSWERS.clear()
    SEEN.clear()
    async with serving(tmp_path, more=f'on_actions: "{__name__}:suggest"\n') as made:
        stream = await made.listen("anna")
        await begin_session(made, "anna")
        toast = await stream.toast()
        await eventually(lambda: "anna" in ANSWERS, what="the hook has its answer")
        answer = ANSWERS["anna"]
        assert (answer.is_made, answer.is_withheld, answer.offer_id) == (True, False, toast["offer_id"])
        assert toast["body"] == "From the hook?"
        await eventually(lambda: len(SEEN) == 2, what="the hook has ended")
        path_id, mastered, _step = SEEN[0]
        assert (path_id, list(mastered)) == ("projects-bulk-edit", [])
        assert "autoplay.yml has no external trigger 'missing'" in SEEN[1]
        await made.request("POST", "/proactive/inject", {"sender_id": "w"}, signed("anna"))
        explained = (await made.post("/proactive/explain", _explain(toast), "anna"))[1]
        assert "Bulk edit" in explained["text"]


def _explain(toast: dict[str, Any]) -> dict[str, str]:
    return {"user_id": "anna", "trigger_id": toast["trigger_id"], "offer_id": toast["offer_id"]}


@asynchronous
async def test_the_documented_module_writes_a_suggestion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = _first("python")
    module = (ROOT / "example_bot" / "suggestions.py").read_text("utf-8")
    assert shown.text.strip() in module.replace("from __future__ import annotations\n\n", "")

    model = LanguageModelServer(0.0)
    model.words = "Shall I show you how to change them together?"
    await model.start()
    monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-of-the-stand-in")
    try:
        more = 'on_actions: "example_bot.suggestions:on_actions"\non_actions_timeout: 60s\n'
        async with serving(tmp_path, more) as made:
            stream = await made.listen("anna")
            await begin_session(made, "anna", saves=2)
            toast = await stream.toast()
            assert (toast["body"], toast["trigger_id"]) == (model.words, "suggestion")
            # The model has seen the event, the user's memory and the golden path.
            facts = model.requests[0]["messages"][1]["content"]
            for words in ("Save changes", "knowledge_state", "Bulk edit"):
                assert words in facts
            # The second batch is stopped by the first offer; then the model has nothing to say.
            await eventually(lambda: len(model.requests) == 2, what="both batches were told")
            model.words = "NONE"
            await begin_session(made, "ben")
            await eventually(lambda: len(model.requests) == 3, what="Ben's batch was told")
            assert (await made.health())["engine"].get("hook_failed") is None
            assert len(stream.toasts) == 1
            model.mood = "failing"
            await begin_session(made, "carl")

            async def is_counted() -> bool:
                return bool((await made.health())["engine"].get("hook_failed") == 1)

            await eventually(is_counted, what="the failure is counted")
    finally:
        await suggestions._client().close()
        suggestions._client.cache_clear()
        await model.close()


@asynchronous
async def test_the_documented_command_makes_an_offer(tmp_path: Path) -> None:
    if not shutil.which("curl"):
        miss("curl is not installed")
    async with serving(tmp_path) as made:
        await has_session(made, "u1")
        shown = _first("json")
        (tmp_path / "offer.json").write_text(shown.text, "utf-8")
        key = ("-H", f"Authorization: Bearer {SERVER_KEY}")
        request = (*key, "-H", "Idempotency-Key: payment-4711", "--json", "@offer.json")
        running = await asyncio.create_subprocess_exec(
            *("curl", "--silent", *request, f"{made.origin}/webhooks/autoplay/offers"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await running.communicate()
        assert json.loads(printed)["body"] == "Your payment failed. Shall I show you what to do?"


def _first(language: str) -> Block:
    """The first block of the page in that language."""
    return next(each for each in blocks(language) if each.page.name == "offers-from-your-code.md")
