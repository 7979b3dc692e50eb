"""An OpenAI-compatible server on loopback that answers by script and remembers what it was sent."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Script = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    server: "Server"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append((self.path, dict(self.headers), body))
        script = self.server.scripts.get(body["model"])
        if isinstance(script, list):
            script = script.pop(0) if len(script) > 1 else script[0]
        try:
            (script or says("No script."))(self)
        except OSError:
            self.server.hung_up.set()

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers), None))
        reply = self.server.pages.get(self.path)
        self.respond(200 if reply is not None else 404, json.dumps(reply or {}).encode())

    def respond(self, status: int, body: bytes = b"", kind: str = "application/json", **headers):
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def begin(self):
        self.respond(200, kind="text/event-stream")

    def piece(self, text: str | None, finish: str | None = None, **more):
        delta = {} if text is None else {"content": text}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        self.wfile.write(b"data: " + json.dumps({**chunk, "choices": [choice], **more}).encode())
        self.wfile.write(b"\n\n")
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts: dict[str, Script | list[Script]] = {}
        self.pages: dict[str, object] = {}
        self.requests: list = []
        self.hung_up = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def asked(self) -> list[dict]:
        return [body for _, _, body in self.requests if body is not None]


def says(text: str, finish: str | None = "stop", usage: tuple[int, int] | None = None) -> Script:
    """Stream `text` a word at a time."""

    def script(h: Handler):
        h.begin()
        for word in text.split(" "):
            h.piece(word if word is text.split(" ")[0] else f" {word}")
        if finish:
            more = {}
            if usage:
                more["usage"] = {
                    "prompt_tokens": usage[0],
                    "completion_tokens": usage[1],
                    "total_tokens": sum(usage),
                }
            h.piece(None, finish, **more)
            h.wfile.write(b"data: [DONE]\n\n")

    return script


def refuses(status: int, message: str = "no", **headers: str) -> Script:
    return lambda h: h.respond(
        status, json.dumps({"error": {"message": message}}).encode(), **headers
    )


def echoes_key(h: Handler):
    key = h.headers["authorization"].removeprefix("Bearer ")
    refuses(401, f"Incorrect API key provided: {key}")(h)


def sends(body: bytes, kind: str) -> Script:
    return lambda h: h.respond(200, body, kind)


def hangs(h: Handler):
    h.begin()
    time.sleep(30)


def drips(h: Handler):
    h.begin()
    while True:
        h.wfile.write(b": keep-alive\n\n")
        h.wfile.flush()
        time.sleep(0.1)


def trickles(h: Handler):
    h.begin()
    while True:
        h.piece("word ")
        time.sleep(0.1)
