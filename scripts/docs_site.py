"""MkDocs hooks that let one set of Markdown files serve both the repository and the site.

Pages link to each other as files of the repository, so that links work in an editor and on a code host. On
the site, the repository's own pages (`root_pages` in mkdocs.yml) are next to those of docs/. A link to
any other file of the repository, such as a Python module, becomes plain text, because the site has no page
for it.
"""

import logging
import posixpath
import re
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

#: In strict mode, a warning of this logger fails the build.
logger = logging.getLogger("mkdocs.plugins.docs_site")

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(
    r"\[(?P<text>(?:[^\[\]]|\[[^\]]*\])+)\]\((?P<target>(?!\w+:|#)[^)#\s]+)(?P<anchor>#[^)\s]*)?\)"
)
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.M | re.S)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the repository's own pages to those of docs/."""
    for source, address in config.extra["root_pages"].items():
        files.append(File.generated(config, address, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point each link to the site's page for its file, and warn if it names no file."""
    source = Path(str(page.file.abs_src_path)).relative_to(ROOT)
    start = posixpath.dirname(page.file.src_uri)

    def relink(match: "re.Match[str]") -> str:
        target = posixpath.normpath(posixpath.join(source.parent.as_posix(), match["target"]))
        address = _address(target, config)
        if address is not None and files.get_file_from_path(address) is not None:
            return f"[{match['text']}]({posixpath.relpath(address, start)}{match['anchor'] or ''})"
        if not (ROOT / target).exists():
            logger.warning("%s: the link to %s leads nowhere", source, match["target"])
        return match["text"]

    return _outside_code(markdown, relink)


def _address(target: str, config: MkDocsConfig) -> "str | None":
    """Return the site's address of a file that is named by its path in the repository."""
    if target == "README.md":  # The site's own start page has the same content.
        return target
    address: "str | None" = config.extra["root_pages"].get(target)
    return target[len("docs/") :] if target.startswith("docs/") else address


def _outside_code(markdown: str, relink: "Callable[[re.Match[str]], str]") -> str:
    """Apply `relink` to each link that is not within a fenced block."""
    parts = _FENCED.split(markdown)
    return "".join(part if _FENCED.fullmatch(part) else _LINK.sub(relink, part) for part in parts)
