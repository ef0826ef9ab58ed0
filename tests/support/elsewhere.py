"""A host app on another origin than the Rasa server, under a strict Content-Security-Policy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import web

from support.pair import Pair
from support.processes import ROOT, free_port
from support.project import Project

__all__ = ["Elsewhere", "allow_other_origin"]

_POSTHOG = ROOT / "example_bot" / "host_app" / "node_modules" / "posthog-js" / "dist" / "array.no-external.js"


def allow_other_origin(project: Project) -> None:
    """Add another origin to the credentials, at which a page can be served."""
    project.channel["allowed_origins"].append(f"http://127.0.0.1:{free_port()}")


class Elsewhere:
    """A page with one button, which loads the copilot from the Rasa server.

    Args:
        pair: the servers that the copilot is loaded from.
        user_id: the signed-in user.
        as_module: whether to import the ES module instead of using the script tag.
    """

    def __init__(self, pair: Pair, user_id: str, *, as_module: bool) -> None:
        self._origin = pair.project.channel["allowed_origins"][-1]
        self.url = f"{self._origin}/projects"
        self.policy = "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self' {pair.origin}",
                "style-src 'self'",
                f"connect-src {pair.origin}",
                "img-src 'self'",
            )
        )
        tag = f'<script src="{pair.base}/autoplay.js" data-user-id="{user_id}"></script>'
        self._page = _PAGE.replace("TAG", "" if as_module else tag)
        module = (
            f'import {{ createCopilot }} from "{pair.base}/autoplay.mjs";\n'
            f'window.rasaAutoplay = {{ copilot: createCopilot({{ userId: "{user_id}" }}) }};\n'
        )
        self._script = (module if as_module else "") + _SCRIPT.replace("USER", user_id).replace(
            "CAPTURE", f"{pair.base}/capture"
        )

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve the page while the context lasts, and return its address."""
        app = web.Application()
        app.router.add_get("/projects", self._answer_page)
        app.router.add_get("/app.js", self._answer_script)
        app.router.add_get("/posthog.js", self._answer_posthog)
        runner = web.AppRunner(app)
        await runner.setup()
        place = urlsplit(self._origin)
        await web.TCPSite(runner, place.hostname, place.port).start()
        try:
            yield self.url
        finally:
            await runner.cleanup()

    async def _answer_page(self, _request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": self.policy}
        return web.Response(text=self._page, content_type="text/html", headers=headers)

    async def _answer_script(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._script, content_type="text/javascript")

    async def _answer_posthog(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(_POSTHOG)


_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <title>Elsewhere</title>
    <script src="/posthog.js"></script>
    TAG
    <script type="module" src="/app.js"></script>
  </head>
  <body><main><h1>Projects</h1><button id="save">Save changes</button></main></body>
</html>
"""
_SCRIPT = """window.posthog.init("phc_demo", {
  api_host: "CAPTURE",
  request_batching: false,
  person_profiles: "identified_only",
  bootstrap: { distinctID: "USER", isIdentifiedID: true },
  advanced_disable_flags: true,
  disable_external_dependency_loading: true,
  disable_session_recording: true,
  disable_surveys: true,
  opt_out_useragent_filter: true,
});
"""
