"""nginx on this machine, with a configuration that a test gives."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.background import eventually
from support.missing import miss

__all__ = ["nginx"]

_CONFIG = """\
daemon off;
user {user} {group};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
{server}
    }}
}}
"""
_DEADLINE_S = 30.0


def _program() -> str:
    # Debian keeps it out of the path of ordinary users.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        miss("nginx is missing")
    return str(found)


@asynccontextmanager
async def nginx(folder: Path, server: str) -> AsyncIterator[str]:
    """Run nginx; return its origin.

    Args:
        folder: an empty one, for its files.
        server: what stands in its ``server`` block.
    """
    program = _program()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Started by root, its workers would be another user's, who may not write into the folder.
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(folder=folder, port=port, server=server, user=user, group=group), encoding="utf-8"
    )
    process = await asyncio.create_subprocess_exec(
        program, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")
    )

    def listens() -> bool:
        assert process.returncode is None, (folder / "error.log").read_text("utf-8")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        await eventually(listens, within_s=_DEADLINE_S, what="nginx listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
