"""Pages that do what pages do: sign-in, dialogs, new tabs, redirects, slowness."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.certificates import Authority

from browser.verify.pages import Answer, Request, golden_path, served
from browser.verify.verifying import found_in, verify
from rasa_autoplay.tools.verification.formats import as_json, as_junit
from rasa_autoplay.tools.verification.options import VerifyOptions
from rasa_autoplay.tools.verification.report import Report
from rasa_autoplay.tools.verification.session import context_options
from rasa_autoplay.tools.verification.sign_in import SignedIn, sign_in

pytestmark = pytest.mark.slow

OPEN = 'id: open, title: Open, element: "#open", label: Open, done_when: {element_id: open}'
SAVE = 'id: save, title: Save, element: "#save", label: Save, done_when: {element_id: save}'
_OPEN = "<button id=open>Open</button>"
_SAVE = "<button id=save>Save</button>"

Verify = Callable[..., Report]


@pytest.fixture
def walk(chromium: Browser, tmp_path: Path) -> Verify:
    """Verify one golden path on pages that a function answers."""

    def run(
        answer: Callable[[Request], Answer] | str,
        *steps: str,
        more: str = "",
        signed_in: SignedIn | None = None,
        timeout_s: float = 3.0,
        **options: object,
    ) -> Report:
        serve = answer if callable(answer) else lambda _: Answer(answer)
        with served(serve) as origin:
            files = golden_path(tmp_path, *steps, more=more)
            return verify(chromium, origin, files, signed_in, timeout_s=timeout_s, **options)

    return run


def test_goes_on_in_a_new_tab_and_over_page_loads(walk: Verify) -> None:
    def answer(request: Request) -> Answer:
        if request.path == "/next":
            return Answer(f"{_SAVE}<script>history.replaceState(0, '', '/next')</script>")
        return Answer('<a id=open href="/next" target=_blank>Open</a>')

    report = walk(answer, OPEN, SAVE)
    assert found_in(report) == {}
    assert report.count("ok") == 2


def test_waits_for_what_comes_late(walk: Verify) -> None:
    late = "onclick=\"setTimeout(() => document.body.append(Object.assign(document.createElement('button'), "
    page = f"<button id=open {late}{{ id: 'save', textContent: 'Save' }})), 700)\">Open</button>"
    assert found_in(walk(page, OPEN, SAVE, timeout_s=5)) == {}


def test_waits_longer_for_a_page_than_for_an_element(walk: Verify) -> None:
    def answer(request: Request) -> Answer:
        return (
            Answer(_SAVE, after_s=1.5)
            if request.path == "/next"
            else Answer("<a id=open href=/next>Open</a>")
        )

    assert found_in(walk(answer, OPEN, SAVE, timeout_s=0.5)) == {}


def test_answers_dialogs_of_the_browser(walk: Verify) -> None:
    page = (
        "<button id=open onclick=\"alert('Hello'); if (!confirm('Sure?')) document.body.insertAdjacentHTML("
        f"'beforeend', '{_SAVE}')\">Open</button><script>onbeforeunload = () => 'no'</script>"
    )
    report = walk(page, OPEN, SAVE)
    assert found_in(report) == {}
    notes = report.paths[0].steps[0].notes
    assert "the page showed alert(), and the answer was OK" in notes
    assert "the page showed confirm(), and the answer was Cancel" in notes


def test_performs_the_last_step_only_to_finish(walk: Verify) -> None:
    seen: list[str] = []

    def answer(request: Request) -> Answer:
        seen.append(request.path)
        return Answer("<button id=save onclick=\"fetch('/saved')\">Save</button>")

    walk(answer, SAVE)
    assert "/saved" not in seen
    assert found_in(walk(answer, SAVE, finish=True)) == {}
    assert "/saved" in seen


def test_names_a_sign_in_page(walk: Verify) -> None:
    def answer(request: Request) -> Answer:
        if request.path == "/login":
            return Answer("<input type=password aria-label=Password>")
        return Answer(status=302, headers={"Location": "/login"})

    report = walk(answer, OPEN, SAVE)
    found = found_in(report)
    assert found.keys() == {"work"}
    assert found["work"].kind == "sign-in"
    assert "/login looks like a sign-in page." in found["work"].message
    assert "--storage-state" in found["work"].remedies[0]
    assert report.count("not checked") == 2


def test_names_a_sign_in_form_at_the_same_address(walk: Verify) -> None:
    found = found_in(walk("<input type=password aria-label=Password>", OPEN, SAVE))
    assert found.keys() == {"work:open"}
    assert found["work:open"].kind == "sign-in"


def test_signs_in_by_the_teams_function(walk: Verify, chromium: Browser, tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        if request.path == "/enter":
            return Answer("", headers={"Set-Cookie": "session=c00kie-s3cret"})
        if "c00kie-s3cret" not in request.cookie:
            return Answer(status=401)
        return Answer(
            f"{_SAVE}<script>if (sessionStorage.token !== 't0ken') document.body.innerHTML = ''</script>"
        )

    with served(answer) as origin:

        def enter(page: object) -> None:
            page.goto(f"{origin}/enter")  # type: ignore[attr-defined]
            page.evaluate("sessionStorage.token = 't0ken'")  # type: ignore[attr-defined]

        options = VerifyOptions(origin)
        signed_in = sign_in(chromium, enter, Path("enter.py"), context_options(options), origin)
        files = golden_path(tmp_path, SAVE)
        report = verify(chromium, origin, files, signed_in)
        assert found_in(report) == {}
        assert found_in(verify(chromium, origin, files))["work"].kind == "sign-in"
    text = f"{as_json(report)}{as_junit(report)}{signed_in!r}"
    assert "t0ken" not in text


def test_names_pages_that_cannot_be_opened(walk: Verify) -> None:
    gone = found_in(walk(lambda _: Answer(status=404), OPEN))["work"]
    assert (gone.kind, gone.message[-13:]) == ("unreachable", "answered 404.")
    loop = found_in(walk(lambda r: Answer(status=302, headers={"Location": r.path + "x"}), OPEN))["work"]
    assert "ERR_TOO_MANY_REDIRECTS" in loop.message
    slow = found_in(walk(lambda _: Answer(after_s=3), OPEN, timeout_s=0.2))["work"]
    assert "did not load within 1.2 s" in slow.message


def test_reports_a_page_that_reloads_for_ever(walk: Verify) -> None:
    found = found_in(walk("<script>setTimeout(() => location.reload(), 50)</script>", OPEN, timeout_s=0.5))
    assert found["work:open"].kind == "missing"


def test_never_types_a_password(walk: Verify) -> None:
    secret = 'id: open, title: Open, element: "#secret", label: Secret, done_when: {element_id: secret}'
    page = f"<label>Secret <input type=password id=secret></label>{_SAVE}"
    report = walk(page, secret, SAVE)
    assert found_in(report) == {}
    assert report.paths[0].steps[0].notes == ["not performed: passwords are never typed"]


def test_fields_get_samples_that_fit(walk: Verify) -> None:
    fields = {
        "mail": "<input type=email id=mail required>",
        "day": "<input type=date id=day min=2031-02-03>",
        "count": "<input type=number id=count min=5 max=9>",
        "short": "<input id=short maxlength=3>",
        "kind": "<select id=kind><option>A<option disabled>B<option>C</select>",
        "memo": "<textarea id=memo></textarea>",
    }
    steps = [
        f'id: {name}, title: {name}, element: "#{name}", done_when: {{element_id: {name}}}' for name in fields
    ]
    check = (
        '<button type=button id=save onclick="if (form.checkValidity() && short.value.length === 3)'
        f" document.body.insertAdjacentHTML('beforeend', '{_OPEN}')\">Save</button>"
    )
    report = walk(f"<form id=form>{''.join(fields.values())}{check}</form>", *steps, SAVE, OPEN)
    assert found_in(report) == {}


def test_says_what_was_flaky(walk: Verify) -> None:
    visits = itertools.count()
    report = walk(lambda _: Answer(_SAVE if next(visits) else ""), SAVE)
    assert found_in(report) == {}
    assert report.paths[0].notes == [
        "flaky: only the first of two tries found: save: No element matches #save."
    ]


def test_skips_what_it_cannot_check(walk: Verify) -> None:
    report = walk(_OPEN, SAVE, more="flow_id: f1\nprovider: usertour\n")
    assert report.is_ok
    assert "usertour" in report.paths[0].skipped
    report = walk(_OPEN, SAVE, more="page: /projects/:id\n")
    assert "--start work=/…" in report.paths[0].skipped
    talk = walk(_OPEN, "id: talk, title: Talk", OPEN)
    assert [step.status for step in talk.paths[0].steps] == ["skipped", "ok"]


def test_checks_the_label_of_a_step_without_element(walk: Verify) -> None:
    named = "id: pick, title: Pick, label: Priority, done_when: {element_id: priority}"
    page = f"<label for=priority>Priority</label><select id=priority><option>1<option>2</select>{_SAVE}"
    assert found_in(walk(page, named, SAVE)) == {}
    found = found_in(walk(_SAVE, named, SAVE))
    assert found["work:pick"].message == 'No control is named "Priority".'


def test_any_way_of_a_step_will_do(walk: Verify) -> None:
    other = '{element: "#open", label: Open, done_when: {element_id: open}}'
    ways = f'id: go, title: Go, element: "#gone", any: [{other}]'
    assert found_in(walk(f"{_OPEN}{_SAVE}", ways, SAVE)) == {}


def test_page_views_prove_steps(walk: Verify) -> None:
    view = 'id: view, title: View, element: "#open", label: Open, done_when: {type: pageview, page: /reports}'

    def answer(request: Request) -> Answer:
        return Answer(f"<a id=open href=/reports>Open</a>{_SAVE}")

    assert found_in(walk(answer, view, SAVE)) == {}
    other = view.replace("/reports", "/other")
    assert found_in(walk(answer, other, SAVE))["work:view"].kind == "unproven"


def test_reports_a_path_that_nothing_can_prove(walk: Verify) -> None:
    found = found_in(walk(_OPEN, 'id: open, title: Open, element: "#open"'))
    assert found["work"].kind == "unproven"


def test_stays_on_the_apps_origin(walk: Verify) -> None:
    with served(lambda _: Answer("elsewhere")) as other:
        report = walk(lambda _: Answer(status=302, headers={"Location": other}), OPEN)
    assert "leads to another site" in found_in(report)["work"].message


def test_sends_nothing_to_the_copilot(walk: Verify) -> None:
    seen: list[str] = []

    def answer(request: Request) -> Answer:
        seen.append(request.path)
        send = "fetch('/webhooks/autoplay/capture/e/').catch(() => {}); fetch('/api')"
        return Answer(f"{_SAVE}<script>{send}</script>")

    assert found_in(walk(answer, SAVE)) == {}
    assert "/api" in seen
    assert not [path for path in seen if "autoplay" in path]


def test_accepts_a_self_signed_certificate_if_told(chromium: Browser, tmp_path: Path) -> None:
    tls = Authority(tmp_path, "nobody").server_context("127.0.0.1")
    files = golden_path(tmp_path, SAVE)
    with served(lambda _: Answer(_SAVE), tls) as origin:
        refused = found_in(verify(chromium, origin, files))["work"]
        assert (refused.kind, "ERR_CERT" in refused.message) == ("unreachable", True)
        assert "--ignore-https-errors" in refused.remedies[0]
        assert found_in(verify(chromium, origin, files, ignore_https_errors=True)) == {}


def test_submit_that_a_button_causes_proves_the_last_step(walk: Verify) -> None:
    send = 'id: send, title: Send, element: "#send", label: Send, done_when: {type: submit}'
    page = "<form id=form action=/sent><button id=send>Send</button></form>"
    assert found_in(walk(page, send)) == {}
    assert found_in(walk(page, send, finish=True)) == {}
