"""The best replacement for a step's element, in the app whose interface changes in thirty ways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from support.changing_app import CHANGES, Change, served_changing_app
from support.changing_app.workflows import GOLDEN_PATHS

from browser.recorder.elements_page import ElementsPage
from browser.verify.captured import perform
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.gateway.routes.browser_script import as_elements_expression

PATHS: dict[str, GoldenPath] = {path.id: path for path in load_golden_paths(GOLDEN_PATHS)}
REPLACED = [change for change in CHANGES if change.replacement]
#: Whether the first proposal is one that the change names, with its label.
JUDGE = """([step, right, label]) => {
  const elements = ELEMENTS;
  const proposals = elements.mostSimilar(step);
  const rights = elements.findHits(right);
  const [first] = proposals;
  return [
    Boolean(first && rights.includes(first.element) && (first.label === label || rights.length > 1)),
    proposals.map(({ selector, label, score }) => `${selector} “${label}” ${score.toFixed(2)}`),
    proposals.every(({ element, selector }) => elements.findHits(selector).includes(element)),
  ];
}"""


def proposals(page: Page, app: str, change: Change) -> tuple[bool, list[str]]:
    """Walk the changed workflow to where the replacement is, and ask for the most similar elements."""
    path, right = PATHS[change.path_id], change.replacement
    assert right
    (step,) = [step for step in path.steps if step.id == change.step_id]
    wanted = {"selector": step.element, "label": step.label or "", "title": step.title}
    page.goto(f"{app}{path.page}?change={change.id}")
    for step_id, acts in change.workflow.items():
        for act in acts:
            is_there = page.locator(right.element).count() and (not right.page or right.page in page.url)
            if step_id == change.step_id and is_there:
                code = JUDGE.replace("ELEMENTS", as_elements_expression())
                is_right, listed, are_found = page.evaluate(code, [wanted, right.element, right.label])
                assert are_found
                return is_right, listed
            perform(page, act)
    raise AssertionError(f"{right.element} was never on the page")


@pytest.mark.slow
def test_proposes_the_right_replacement(chromium: Browser) -> None:
    with served_changing_app() as app, chromium.new_context() as context:
        page = context.new_page()
        found = {change.id: proposals(page, app, change) for change in REPLACED}
    wrong = {change_id: listed for change_id, (is_right, listed) in found.items() if not is_right}
    assert len(REPLACED) == 27
    assert wrong == {}


@pytest.mark.parametrize(
    ("html", "step", "first"),
    [
        ("<button id=a>Löschen</button><button id=b>Speichern</button>", "Speicher", "#b"),
        ("<button id=a>Speichern</button><a id=b href=/x>Speichern</a>", "Speichern link", "#b"),
        ("<button id=a>Remove project</button><button id=b>Add project</button>", "Delete project", "#a"),
        ("<button id=a>保存する</button><button id=b>削除</button>", "保存", "#a"),
        ("<button id=a hidden>Save</button><button id=b>Save</button>", "Save", "#b"),
        ("<button id=a>Apply to 12</button><button id=b>Cancel</button>", "Apply to N", "#a"),
        ("<p>Save</p><span id=a tabindex=0>Save</span>", "Save", "#a"),
    ],
)  # fmt: skip
def test_considers_words_roles_and_what_is_shown(
    elements: ElementsPage, html: str, step: str, first: str
) -> None:
    elements.show(html)
    label, _, role = step.partition(" link")
    wanted = {
        "selector": "#gone",
        "label": label,
        "title": "",
        "role": "link" if role or " link" in step else None,
    }
    found = elements.run("return elements.mostSimilar(argument).map((it) => it.selector)", wanted)
    assert found[0] == first


def test_proposes_nothing_where_nothing_is_similar(elements: ElementsPage) -> None:
    elements.show("<nav><a href=/a>Team</a><a href=/b>Billing</a></nav><button>OK</button><input name=q>")
    step = {"selector": "#project-archive", "label": "Archive project", "title": "Archive it"}
    assert elements.run("return elements.mostSimilar(argument).length", step) == 0


def test_quick_on_a_large_page(elements: ElementsPage) -> None:
    rows = "".join(
        f"<tr><td><a href=/p/{n}>Project {n}</a><td><button>Edit {n}</button>" for n in range(1000)
    )
    elements.show(f"<table>{rows}</table><button id=save>Save all</button><input value=typed>")
    step = {"selector": "#save-all", "label": "Save changes", "title": "Save"}
    took_ms = elements.run(
        "const t = performance.now(); elements.mostSimilar(argument); return performance.now() - t", step
    )
    assert took_ms < 5000
