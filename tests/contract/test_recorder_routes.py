"""The routes of the recorder, and of the studio's screen Drafts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.gateway import served_gateway
from support.run import asynchronous

from rasa_autoplay.link.path_draft_requests import (
    CheckDraft,
    DeleteDraft,
    FindDraft,
    FindDrafts,
    MatchAction,
    PrepareRecorder,
    SaveDraft,
    WriteDraft,
)

KEY = "s3cret-word-of-operators"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
APP = "https://app.example.com"
DRAFT: dict[str, Any] = {"id": "save", "title": "Save", "steps": [{"id": "save", "text": "Press Save."}]}
CLICK: dict[str, Any] = {
    "event": "$autocapture",
    "properties": {
        "$event_type": "click",
        "$current_url": f"{APP}/projects/42",
        "$elements": [{"tag_name": "button", "$el_text": "Save", "attr__id": "save", "nth_child": 1}],
    },
}


class Recorder:
    """A recorder of a served gateway."""

    def __init__(self, served: Any) -> None:
        self._served = served
        self.key = ""

    async def link(self, page: str, path_id: str = "") -> tuple[int, Any]:
        body = json.dumps({"page": page, **({"path_id": path_id} if path_id else {})}).encode()
        status, answer = await self._served.request("POST", "/recorder/links", body, WITH_KEY)
        return status, answer

    async def post(self, route: str, body: object, **headers: str) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {self.key}", "Origin": APP, **headers}
        status, answer = await self._served.request(
            "POST", f"/recorder/{route}", json.dumps(body).encode(), sent
        )
        return status, answer

    async def begin(self, page: str = f"{APP}/projects") -> None:
        status, made = await self.link(page)
        assert status == 200, made
        token = made["link"].rpartition("=")[2]
        status, begun = await self.post("session", {"token": token})
        assert status == 200, begun
        self.key = begun["key"]


def gateway() -> Any:
    return served_gateway(admin_key=KEY, allowed_origins=[APP])


@pytest.mark.parametrize(
    ("page", "before"),
    [
        (f"{APP}/projects", f"{APP}/projects#autoplay-record="),
        (f"{APP}/projects?a=1", f"{APP}/projects?a=1#autoplay-record="),
        (f"{APP}/#/projects", f"{APP}/#/projects?autoplay-record="),
        (f"{APP}/#/projects?tab=2", f"{APP}/#/projects?tab=2&autoplay-record="),
        (f"{APP}/#!/projects", f"{APP}/#!/projects?autoplay-record="),
        (f"{APP}/help#top", f"{APP}/help#top&autoplay-record="),
        (f"{APP}/#/projects?autoplay-record=old.T-0_k", f"{APP}/#/projects?autoplay-record="),
    ],
)
@asynchronous
async def test_makes_a_link_with_the_token_at_the_end_of_the_fragment(page: str, before: str) -> None:
    async with gateway() as served:
        status, made = await Recorder(served).link(page)
        assert status == 200
        link, equals, token = made["link"].rpartition("=")
        assert link + equals == before
        assert len(token) > 60
        assert not served.link.asked


@asynchronous
async def test_records_in_the_page_and_saves_the_draft() -> None:
    async with gateway() as served:
        recorder = Recorder(served)
        await recorder.begin()
        status, found = await recorder.post("action", {"event": CLICK, "draft": DRAFT})
        assert status == 200
        assert found == {
            "action": {
                "title": "Click Save",
                "type": "click",
                "element_id": "save",
                "page": f"{APP}/projects/:id",
            },
            "done_when": {"element_id": "save"},
            "steps": ["save"],
        }
        status, checked = await recorder.post("draft", {"draft": DRAFT})
        assert (status, checked) == (200, {"yaml": "id: export\n", "errors": [], "warnings": []})
        status, saved = await recorder.post("save", {"draft": DRAFT})
        assert (status, saved["draft_id"]) == (200, "draft_1")
        assert saved["studio"] == f"{served.origin}/webhooks/autoplay/studio#/drafts/draft_1"
        asked = served.link.asked
        assert asked[0] == PrepareRecorder()
        assert isinstance(asked[1], MatchAction)
        assert asked[1].draft == DRAFT
        assert asked[2:] == [CheckDraft(DRAFT), SaveDraft(DRAFT)]


@asynchronous
async def test_records_a_path_again() -> None:
    async with gateway() as served:
        status, _ = await Recorder(served).link(f"{APP}/", "projects-bulk-edit")
        assert status == 200
        assert served.link.asked == [PrepareRecorder("projects-bulk-edit")]


@asynchronous
async def test_asks_the_engine_about_stored_drafts() -> None:
    async with gateway() as served:
        for path in ("", "/draft_1"):
            assert (await served.request("GET", f"/path-drafts{path}", headers=WITH_KEY))[0] == 200
        wanted = {"draft_id": "draft_1", "base": "ab", "by": "Ann", "why": "new"}
        for path in ("write", "delete"):
            body = json.dumps(wanted).encode()
            assert (await served.request("POST", f"/path-drafts/{path}", body, WITH_KEY))[0] == 200
        assert served.link.asked == [
            FindDrafts(),
            FindDraft("draft_1"),
            WriteDraft("draft_1", "ab", "Ann", "new"),
            DeleteDraft("draft_1"),
        ]
