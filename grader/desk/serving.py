"""Serve the desk on this machine alone."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from grader.errors import ToldError, of_system
from grader.wire.facts import Fact

_HOST = "127.0.0.1"


def serve(path: Path, *, port: int, who: str, language: str, anonymous: bool, tell: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Args:
        port: 0 for any that is free.
        tell: called with the address, once it can be opened.

    Raises:
        GraderError: the folder or the port cannot be used, or what the desk is made of is not installed.
    """
    try:
        import uvicorn

        from grader.desk.app import application
    except ImportError as error:
        raise ToldError(
            Fact("needs-part", {"what": "grade desk", "module": error.name or "", "part": "desk"})
        ) from error
    from grader.desk.grading import Grading
    from grader.desk.state import Desk

    desk = Desk(path, anonymous=anonymous)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen()  # so that whoever is told the address can open it
    except OSError as error:
        listening.close()
        raise ToldError(Fact("desk: port", {"port": str(port), "why": of_system(error)})) from error
    number = listening.getsockname()[1]
    hosts = frozenset({f"{_HOST}:{number}", f"localhost:{number}"})
    token = secrets.token_urlsafe(24)
    grading = Grading(path, who, language)
    app = application(desk, grading, token, hosts, who, language)
    config = uvicorn.Config(
        app, log_level="error", access_log=False, server_header=False, lifespan="off", timeout_graceful_shutdown=2
    )
    tell(f"http://{_HOST}:{number}/{token}/")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()
        grading.close()
