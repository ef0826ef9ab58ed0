"""Each screen of the studio is one script, with the modules that only this screen uses."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from rasa_autoplay.gateway.routes.screen_scripts import screen_parts, screen_scripts
from rasa_autoplay.gateway.routes.studio import STATIC

SCREENS = STATIC / "screens"
SHOW = "export async function show(root) {}\n"
#: A name on the top level: declarations, and what is imported.
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
IMPORTED = re.compile(r'^import \{ (.+) \} from "(.+)";$', re.MULTILINE)


def scripts_of(folder: Path, **modules: str) -> dict[str, str]:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return screen_scripts(folder)


def test_joins_what_only_one_screen_uses(tmp_path: Path) -> None:
    scripts = scripts_of(
        tmp_path,
        one='import { h } from "../dom.js";\nimport { own } from "./own.js";\n' + SHOW,
        two='import { both } from "./both.js";\n' + SHOW,
        own='// Why.\nimport { h, svg } from "../dom.js";\nimport { both } from "./both.js";\n'
        "export const own = () => both(h, svg);\n",
        both="export const both = 1;\n",
    )
    assert scripts == {
        "one.js": 'import { both } from "./both.js";\nimport { h, svg } from "../dom.js";\n'
        "const own = () => both(h, svg);\nexport async function show(root) {}",
        "two.js": 'import { both } from "./both.js";\nexport async function show(root) {}',
        "both.js": "export const both = 1;",
    }


def test_modules_that_need_each_other_are_joined_once(tmp_path: Path) -> None:
    scripts = scripts_of(
        tmp_path,
        one='import { part } from "./part.js";\n' + SHOW + "export const name = 1;\n",
        part='import { name } from "./one.js";\nexport function part() { return name; }\n',
    )
    assert list(scripts) == ["one.js"]
    assert scripts["one.js"].count("function part") == 1


def test_rejects_two_things_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two different at"):
        scripts_of(
            tmp_path,
            one='import { at } from "../api.js";\nimport { own } from "./own.js";\n' + SHOW,
            own='import { at } from "../time.js";\nexport const own = at;\n',
        )


@pytest.mark.parametrize("screen", sorted(screen_parts(SCREENS)))
def test_joined_modules_have_no_name_twice(screen: str) -> None:
    parts = screen_parts(SCREENS)[screen]
    texts = [(SCREENS / f"{name}.js").read_text("utf-8") for name in parts]
    names = [name for text in texts for name in DECLARED.findall(text)]
    script = screen_scripts(SCREENS)[f"{screen}.js"]
    found = [each for names_of_one, _ in IMPORTED.findall(script) for each in names_of_one.split(", ")]
    names += [each.rpartition(" as ")[2] for each in found]
    assert [each for each, times in Counter(names).items() if times > 1] == []


def test_every_import_is_served() -> None:
    scripts = screen_scripts(SCREENS)
    for text in scripts.values():
        for _, source in IMPORTED.findall(text):
            if source.startswith("./"):
                assert source.removeprefix("./") in scripts
            else:
                assert (SCREENS / source).resolve().is_file()
