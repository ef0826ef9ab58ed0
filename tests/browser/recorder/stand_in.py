"""A stand-in for the Rasa server and the app: serves pages, the scripts, and canned answers to the recorder.

Nothing listens: Playwright answers every request of a context.
"""

from __future__ import annotations

import fnmatch
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Route

from rasa_autoplay.gateway.routes.browser_script import (
    as_classic_script,
    as_module,
    as_offer_module,
    as_recorder_module,
    as_toast_module,
    as_tour_module,
)

__all__ = ["ORIGIN", "RECORDER", "RecorderStandIn", "open_recorder"]

ORIGIN = "http://127.0.0.1:9"
RECORDER = "rasa-autoplay-recorder"
_BASE = "/webhooks/autoplay"
_VERBS = {"click": "Click", "change": "Change", "submit": "Submit"}
_SCRIPTS = {
    "autoplay.js": as_classic_script,
    "autoplay.mjs": as_module,
    "offers.mjs": as_offer_module,
    "toast.mjs": as_toast_module,
    "tours.mjs": as_tour_module,
    "recorder.mjs": as_recorder_module,
}
_TAG = f'<script src="{_BASE}/autoplay.js" data-user-id=""></script>'
_PAGE = """<!doctype html><html lang=en><head><meta charset=utf-8>
<meta name=viewport content="width=device-width">
<title>Projects</title>{head}</head><body>{body}</body></html>"""


@dataclass
class RecorderStandIn:
    """What the pages of a browser profile get.

    Args:
        pages: the body of each page, by path.
        head: what is in the head of every page.
    """

    pages: dict[str, str] = field(default_factory=dict)
    head: str = _TAG
    headers: dict[str, str] = field(default_factory=dict)
    #: Status of the answers to a path below ``recorder/``; 0 gives no answer.
    statuses: dict[str, int] = field(default_factory=dict)
    #: What the answer to ``recorder/draft`` says of the draft.
    errors: list[dict[str, str]] = field(default_factory=list)
    #: Every request: its path and query.
    requested: list[str] = field(default_factory=list)
    #: Path below ``recorder/``, the body and the ``Authorization`` header of each post.
    posts: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    #: The golden path that the link is for.
    recorded_again: dict[str, Any] = field(default_factory=dict)

    def serve(self, context: BrowserContext) -> None:
        """Answer all requests of a browser profile."""
        context.route(f"{ORIGIN}/**", self._answer)

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        self.requested.append(f"{address.path}?{address.query}" if address.query else address.path)
        name = address.path.removeprefix(f"{_BASE}/")
        if name in _SCRIPTS:
            route.fulfill(body=_SCRIPTS[name](), content_type="text/javascript")
        elif name.startswith("recorder/"):
            self._answer_recorder(route, name.removeprefix("recorder/"))
        elif address.path in self.pages:
            body = _PAGE.format(head=self.head, body=self.pages[address.path])
            route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=self.headers)
        else:
            route.fulfill(status=404, body="")

    def _answer_recorder(self, route: Route, path: str) -> None:
        body = json.loads(route.request.post_data or "{}")
        self.posts.append((path, body, route.request.headers.get("authorization", "")))
        status = self.statuses.get(path, 200)
        if not status:
            return route.abort()
        if status != 200:
            return route.fulfill(status=status, json={"error": "it does not fit", "remedy": "Mend it."})
        return route.fulfill(json=getattr(self, f"_{path}")(body))

    def _session(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {"key": "key-1", "expires_at": 2e9, "can_write": True, "draft": self.recorded_again}

    def _action(self, body: dict[str, Any]) -> dict[str, Any]:
        properties = body["event"]["properties"]
        page = urlsplit(properties["$current_url"]).path
        if body["event"]["event"] == "$pageview":
            action = {"title": f"Page load: {properties['title']}", "type": "pageview", "element_id": ""}
        else:
            element, kind = properties["$elements"][0], properties["$event_type"]
            name = element.get("$el_text") or element.get("attr__aria-label", element["tag_name"])
            action = {
                "title": f"{_VERBS[kind]} {name}",
                "type": kind,
                "element_id": element.get("attr__id", ""),
            }
        proof: dict[str, Any] = {"title": {"exact": action["title"]}, "page": {"exact": page}}
        if action["element_id"]:
            proof = {"element_id": action["element_id"]}
        steps = [
            step["id"]
            for step in body.get("draft", {}).get("steps", [])
            if _proves(action, step.get("done_when"))
        ]
        return {"action": {**action, "page": f"{ORIGIN}{page}"}, "done_when": proof, "steps": steps}

    def _draft(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"yaml": f"# checked\n{json.dumps(body['draft'])}\n", "errors": self.errors, "warnings": []}

    def _save(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {"draft_id": "d1", "studio": "studio#/drafts/d1"}

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """What was posted to a path below ``recorder/``."""
        return [body for to, body, _ in self.posts if to == path]

    def drafts(self) -> list[dict[str, Any]]:
        """The drafts that the recorder has had checked."""
        return [body["draft"] for body in self.bodies("draft")]


def _proves(action: dict[str, str], proof: dict[str, Any] | None) -> bool:
    if not proof:
        return False
    if "element_id" in proof:
        ids = proof["element_id"] if isinstance(proof["element_id"], list) else [proof["element_id"]]
        return any(fnmatch.fnmatchcase(action["element_id"], each) for each in ids)
    return bool(proof.get("title") == {"exact": action["title"]})


def open_recorder(page: Page, path: str = "/projects") -> None:
    """Open a page by a link of the recorder, and wait for the panel."""
    page.goto(f"{ORIGIN}{path}#autoplay-record=token-1")
    page.locator(f"{RECORDER} .frame").wait_for()
