"""The modules around the studio's screens are one script, from which all others import."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from rasa_autoplay.gateway.routes.frame_script import frame_parts, studio_scripts
from rasa_autoplay.gateway.routes.studio import STATIC

SHOW = "export async function show(root) {}\n"
#: A name on the top level.
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
IMPORTED = re.compile(r'^import \{ (.+) \} from "(.+)";$', re.MULTILINE)
LAZY = re.compile(r'import\("(\./\w+\.js)"\)')


def scripts_of(folder: Path, **modules: str) -> dict[str, str]:
    (folder / "screens").mkdir()
    for name, text in modules.items():
        (folder / f"{name.replace('__', '/')}.js").write_text(text)
    return studio_scripts(folder)


def test_joins_what_the_page_needs_at_its_start_and_what_screens_import(tmp_path: Path) -> None:
    scripts = scripts_of(
        tmp_path,
        main='import { h } from "./dom.js";\nh(import("./lazy.js"));\n',
        dom="// Why.\nexport const h = 1;\nexport const svg = 2;\n",
        charts='import { svg } from "./dom.js";\nexport const bars = svg;\n',
        lazy='import { h, svg } from "./dom.js";\nexport const open = h + svg;\n',
        alone="const theme = 1;\n",
        screens__one='import { h as make } from "../dom.js";\nimport { bars } from "../charts.js";\n' + SHOW,
    )
    assert scripts == {
        "main.js": 'const h = 1;\nconst svg = 2;\nconst bars = svg;\nh(import("./lazy.js"));\n'
        "export { bars, h, svg };",
        "lazy.js": 'import { h, svg } from "./main.js";\nexport const open = h + svg;',
        "alone.js": "const theme = 1;",
        "screens/one.js": 'import { bars, h as make } from "../main.js";\n' + SHOW.strip(),
    }


def test_no_name_of_the_frame_is_declared_twice() -> None:
    texts = [(STATIC / f"{name}.js").read_text("utf-8") for name in frame_parts(STATIC)]
    names = [name for text in texts for name in DECLARED.findall(text)]
    assert len(names) > 50
    assert [each for each, times in Counter(names).items() if times > 1] == []


def test_every_import_is_served_and_exported() -> None:
    scripts = studio_scripts(STATIC)
    exported = re.findall(r"^export \{ (.+) \};$", scripts["main.js"], re.MULTILINE)
    assert len(exported) == 1
    for name, text in scripts.items():
        for names, source in IMPORTED.findall(text):
            if source.endswith("/main.js"):
                wanted = {each.partition(" as ")[0] for each in names.split(", ")}
                assert wanted <= set(exported[0].split(", ")), name
            else:
                assert f"screens/{source.removeprefix('./')}" in scripts, (name, source)
        for source in LAZY.findall(text):
            assert source.removeprefix("./") in scripts
