"""`qa chat --web`: the same chat in a browser, served on this machine only.

Left out: anything for other machines; a tunnel is a better way to share a chat than an open port.
"""

from __future__ import annotations

import shlex
import socket
import sys

from index.errors import UsageError

HOST = "127.0.0.1"


def serve(port: int) -> int:
    """Serve until Ctrl+C. Raises `UsageError` where textual-serve is missing or the port is taken."""
    try:
        from textual_serve.server import Server
    except ImportError:
        raise UsageError(
            "--web needs the package textual-serve", "pip install 'qa-articles[web]'"
        ) from None
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}", "--port 8800"
            ) from error
        port = port or probe.getsockname()[1]
    given = [a for a in sys.argv[1:] if a != "--web"]
    command = shlex.join([sys.executable, "-P", "-m", "qa", *_without_port(given)])
    print(
        f"qa: the chat is at http://{HOST}:{port} (this machine only); Ctrl+C ends it",
        file=sys.stderr,
    )
    Server(command, host=HOST, port=port, title="qa").serve()
    return 0


def _without_port(arguments: list[str]) -> list[str]:
    """The arguments of the chat itself, less those of the server."""
    kept, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument == "--port":
            skip = True
        elif not argument.startswith("--port="):
            kept.append(argument)
    return kept
