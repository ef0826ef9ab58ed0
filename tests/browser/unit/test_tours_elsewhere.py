"""Show me, where another product's flow is the tour: it is followed to its end, or else the chat helps.

Usertour comes by its real loader from npm; the others are stand-ins that behave as their snippets do.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from support.chromium import require_library

from browser.unit.conftest import Visitor
from browser.unit.stand_in import STRICT_CSP, StandIn, offer, tour
from rasa_autoplay.engine.knowledge.golden_path import EMBEDDED_PROVIDER, FLOW_PROVIDERS

FLOW = "1042"
#: Those which tell of steps; of the others we see the beginning and the end.
TELL_STEPS = {"userpilot", "chameleon", "pendo", "userguiding"}
each_product = pytest.mark.parametrize("name", FLOW_PROVIDERS)
#: What most of them have in common is tested each time with one that tells of steps, one that does not, and
#: the one that comes by its real loader.
_EACH_TIME = {"usertour", "userpilot", "userflow"}
each_product_in_slow_runs = pytest.mark.parametrize(
    "name",
    [name if name in _EACH_TIME else pytest.param(name, marks=pytest.mark.slow) for name in FLOW_PROVIDERS],
)


def _open(visitor: Visitor, name: str, *, at_once: bool = True, does: str = "shows", **more: Any) -> Page:
    if name == "usertour":
        require_library("usertour.js/dist/usertour.es.js")
    product = {"name": name, "atOnce": at_once, "does": does, "url": more.pop("url", None)}
    return visitor.open("flow.html", init=f"window.product = {json.dumps(product)}", **more)


def _offer(name: str, offer_id: str = "offer_1") -> dict[str, Any]:
    steps = ("options", "#options", "Open table options"), ("toggle", "#toggle", "Pick Bulk edit")
    return offer(offer_id, tours=[{**tour(*steps, provider=name), "flow_id": FLOW}])


def _show_me(page: Page) -> None:
    page.get_by_role("button", name="Show me").click()


def _flow(page: Page) -> Locator:
    return page.get_by_role("heading", name=f"Flow {FLOW}")


def _helped_by_chat(page: Page, visitor: Visitor, server: StandIn) -> None:
    server.until_posted("proactive/inject")
    expect(page.locator(".rw-chat-open")).to_be_visible()
    server.until_tours("tour/start", "tour/end")  # it does not count as running
    assert [body["step"] for body in visitor.settled().posted("proactive/inject")] == ["options"]


def test_the_browser_knows_every_provider_that_a_golden_path_may_name(visitor: Visitor) -> None:
    are_ready = """async (providers) => {
      const { createTouring } = await import("/webhooks/autoplay/tours.mjs");
      const touring = createTouring("u1", {}, {}, new AbortController().signal);
      const steps = [{ element: "body" }];
      return providers.map((provider) => Boolean(touring.isReady({ provider, steps })));
    }"""
    known = [EMBEDDED_PROVIDER, *FLOW_PROVIDERS]
    page = visitor.open("host.html")
    assert page.evaluate(are_ready, [*known, "unknown"]) == [*(True for _ in known), False]


@each_product
def test_starts_the_providers_flow_and_follows_it_to_its_end(
    visitor: Visitor, server: StandIn, name: str
) -> None:
    server.policy = STRICT_CSP
    page = _open(visitor, name)
    server.send(_offer(name))
    _show_me(page)
    expect(_flow(page)).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    steps = ["tour/step"] if name in TELL_STEPS else []
    server.until_tours("tour/start", *steps)
    page.get_by_role("button", name="Leave").click()
    server.until_tours("tour/start", *steps, "tour/end")
    assert visitor.settled().posted("proactive/inject") == []
    server.send(offer("offer_2"))
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()


def test_a_page_load_leaves_the_flow_to_its_product(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, "usertour")
    server.send(_offer("usertour"))
    _show_me(page)
    expect(_flow(page)).to_be_visible()
    page.reload()
    server.until_feeds(2)
    assert len(visitor.settled().posted("tour/start")) == 1


@each_product_in_slow_runs
def test_waits_for_a_slow_flow(visitor: Visitor, server: StandIn, name: str) -> None:
    page = _open(visitor, name, at_once=False)
    server.send(_offer(name))
    _show_me(page)
    server.until_tours("tour/start")
    visitor.settled()
    expect(_flow(page)).to_have_count(0)
    page.evaluate("arrive()")
    expect(_flow(page)).to_have_count(1)
    page.get_by_role("button", name="Leave").click()
    server.until_tours("tour/start", "tour/end")
    assert visitor.settled().posted("proactive/inject") == []


@each_product_in_slow_runs
def test_opens_the_chat_when_the_flow_does_not_start(visitor: Visitor, server: StandIn, name: str) -> None:
    page = _open(visitor, name, at_once=False, anchor_seconds=1)
    server.send(_offer(name))
    _show_me(page)
    _helped_by_chat(page, visitor, server)
    page.evaluate("arrive()")
    visitor.settled()
    assert _flow(page).count() == 0, "it must not come when the chat is helping already"


#: What each can do instead of showing a flow. Userflow says yes by its promise alone, and is believed.
REFUSALS = [
    *((name, "ignores") for name in FLOW_PROVIDERS if name != "userflow"),
    *((name, "rejects") for name in ("usertour", "userflow")),
    *((name, "throws") for name in ("userpilot", "userguiding", "told")),
    ("pendo", "declines"),
]


@pytest.mark.parametrize(("name", "does"), REFUSALS)
def test_opens_the_chat_when_the_provider_refuses(
    visitor: Visitor, server: StandIn, name: str, does: str
) -> None:
    page = _open(visitor, name, does=does, anchor_seconds=1)
    server.send(_offer(name))
    _show_me(page)
    _helped_by_chat(page, visitor, server)


def test_opens_the_chat_when_the_provider_is_not_on_the_page(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("flow.html", anchor_seconds=1)
    server.send(_offer("pendo"))
    _show_me(page)
    _helped_by_chat(page, visitor, server)


def test_opens_the_chat_at_once_when_the_loader_fails(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, "usertour", at_once=False, url="/libraries/missing.js", anchor_seconds=60)
    server.send(_offer("usertour"))
    _show_me(page)
    _helped_by_chat(page, visitor, server)
    # The loader's own complaint, which it leaves uncaught.
    assert set(visitor.complaints) == {"Could not load Usertour.js"}
    visitor.complaints.clear()


def test_ignores_the_providers_other_flows(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, "userpilot")
    server.send(_offer("userpilot"))
    _show_me(page)
    expect(_flow(page)).to_be_visible()
    for event in ("step", "dismissed"):
        page.evaluate("(event) => userpilot.emit(event, { token: 'another', step: 7 })", event)
    page.get_by_role("button", name="Go on").click()
    server.until_tours("tour/start", "tour/step")
    assert visitor.settled().tours == ["tour/start", "tour/step"]


def test_reports_a_second_tour_once(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, "userpilot")
    told: list[str] = []
    for number in (1, 2):
        server.send(_offer("userpilot", f"offer_{number}"))
        _show_me(page)
        page.get_by_role("button", name="Go on").click()
        told += ["tour/start", "tour/step"]
        server.until_tours(*told)
        page.get_by_role("button", name="Leave").click()
        told += ["tour/end"]
        server.until_tours(*told)
    assert visitor.settled().tours == told


def test_loads_the_tour_module_with_the_first_offered_tour(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    show_me, open_chat = (page.get_by_role("button", name=name) for name in ("Show me", "Open chat"))
    server.send(offer("offer_1", tours=[]))
    server.until_receipt("seen", "offer_1")
    assert visitor.settled().tours_loaded == 0
    server.answers["tours.mjs"] = [503]
    server.send(offer("offer_2"))
    server.until_receipt("seen", "offer_2")
    assert visitor.settled().tours_loaded == 1
    expect(open_chat).to_be_visible()
    expect(show_me).to_be_hidden()
    server.send(offer("offer_3"))
    expect(show_me).to_be_visible()
    assert visitor.settled().tours_loaded == 2
