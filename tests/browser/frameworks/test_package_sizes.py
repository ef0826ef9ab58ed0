"""What the packages add to an app's bundle, beside the framework that it has anyway."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from support.node import FRAMEWORKS, require_built_packages, require_packages, run_node
from support.npm_packages import NAMES, link_libraries, pack, unpack

pytestmark = pytest.mark.slow

_MAX_BYTES = 4 * 1024
_CONFIG = """
export default {
  build: {
    lib: { entry: "entry.js", formats: ["es"], fileName: "bundle" },
    rollupOptions: { external: ["react", "react/jsx-runtime", "vue"] },
    minify: true,
  },
};
"""


@pytest.mark.parametrize("name", NAMES)
def test_package_adds_little_to_a_bundle(name: str, tmp_path: Path) -> None:
    require_built_packages()
    require_packages(FRAMEWORKS)
    link_libraries(tmp_path, FRAMEWORKS)
    unpack(pack(name, tmp_path), tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "vite.config.mjs").write_text(_CONFIG)
    (tmp_path / "entry.js").write_text(f'export * from "rasa-autoplay-{name}";\n')
    run_node(["node_modules/vite/bin/vite.js", "build"], tmp_path)
    size = len(gzip.compress((tmp_path / "dist" / "bundle.js").read_bytes()))

    assert 0 < size <= _MAX_BYTES
