"""Browser and server agree on which names last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from browser.recorder.elements_page import STATIC
from rasa_autoplay.engine.knowledge.drafting import masked_id
from rasa_autoplay.events.element_ids import is_generated_id
from rasa_autoplay.gateway.routes.browser_script import code_lines

GENERATED = [
    ":r1:",
    ":R2ab:",
    "radix-:r3:-trigger",
    "«r1»",
    "_r_1a_",
    "radix-12",
    "headlessui-menu-button-1",
    "react-aria-12",
    "react-aria1234567-:r0:",
    "mui-42",
    "downshift-0-input",
    "ember123",
    "chakra-modal-1",
    "mantine-abc",
    "cdk-overlay-3",
    "mat-input-0",
    "mat-mdc-form-field-label-2",
    "el-id-1024-3",
    "__BVID__12",
    "v-0",
    "v-0-1",
    "react-select-2-input",
    "rc_select_0",
    "rc-tabs-0",
    "j_idt12:form",
    "gwt-uid-7",
    "ext-gen1001",
    "yui_3_18",
    "tippy-4",
    "floating-ui-1",
    "bits-12",
    "reka-dialog-1",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
]
LASTING = [
    "save",
    "project-checkbox-17",
    "v",
    "video-1",
    "matrix",
    "mat-table",
    "embers",
    "remember-1",
    "member1",
    "bits",
    "row-1",
    "radixes",
    "muifoo",
    "a:b",
    "form:save",
    "tab-1",
    "rc-1",
    "_r_",
    "project-6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "react-select",
    "jidt1",
    "é-1",
    "«»",
]
HASHED = [
    "css-1q8z7",
    "css-abc-Button",
    "sc-bdVaJa",
    "sc-1x2y3z",
    "jss12",
    "svelte-1tyi2k3",
    "Button_root__3kd2x",
    "_button_1x2y3_12",
    "astro-J7PV25F6",
    "makeStyles-root-12",
    "styles__card--2xY3z",
    "eAbC1x",
    "emotion-0",
]
TELLING = [
    "invite-send",
    "save-button",
    "toolbar",
    "projectList",
    "card__title",
    "order-form",
    "SaveButton",
    "project_row",
]
NOT_TELLING = [
    *HASHED,
    "mt-4",
    "flex",
    "hover:bg-red",
    "w-1/2",
    "active",
    "is-open",
    "btn",
    "p-2",
    "text-sm",
    "xs",
]


@pytest.fixture(scope="module")
def names(chromium: Browser) -> Page:
    """A page that has the functions of ``stable_names.js``."""
    page = chromium.new_page()
    code = "\n".join(
        line.removeprefix("export ")
        for line in code_lines((STATIC / "elements" / "stable_names.js").read_text("utf-8"))
    )
    page.evaluate(
        f"() => {{ {code}; window.names = {{ isGeneratedId, isHashedClass, isTelling, maskOf }}; }}"
    )
    return page


def test_both_sides_know_generated_ids(names: Page) -> None:
    both = [*GENERATED, *LASTING]
    assert [is_generated_id(each) for each in both] == [each in GENERATED for each in both]
    assert names.evaluate("(ids) => ids.map(names.isGeneratedId)", both) == [
        each in GENERATED for each in both
    ]


def test_knows_hashed_and_telling_classes(names: Page) -> None:
    classes = [*HASHED, *TELLING]
    assert names.evaluate("(all) => all.map(names.isHashedClass)", classes) == [
        each in HASHED for each in classes
    ]
    classes = [*TELLING, *NOT_TELLING]
    assert names.evaluate("(all) => all.map(names.isTelling)", classes) == [
        each in TELLING for each in classes
    ]


@given(st.lists(st.text("abcr_-:«»0179f", max_size=12), min_size=50, max_size=50))
def test_both_sides_agree_on_any_id(names: Page, ids: list[str]) -> None:
    ids = [*ids, *(f"{each}6ba7b810-9dad-11d1-80b4-00c04fd430c8{each}" for each in ids)]
    assert names.evaluate("(ids) => ids.map(names.isGeneratedId)", ids) == [
        is_generated_id(each) for each in ids
    ]
    assert names.evaluate("(ids) => ids.map(names.maskOf)", ids) == [masked_id(each) for each in ids]
