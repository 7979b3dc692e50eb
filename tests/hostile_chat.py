"""A chat over hostile text, on the terminal that it is started on: every payload by every way in.

Started by `test_tui_terminal.py` in a pty, which looks at the bytes that come out. With `harmless` the
payloads are replaced, so that the app's own bytes are known.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from chat_script import make_app, screen_text, until
from test_tui_hostile import FILES, HostilePipeline, load_payloads

from index.errors import Unreachable
from qa.tui.citation import CitationScreen
from qa.types import Finished

BATCH = 24


def main(kind: str) -> None:
    payloads = [p for name in FILES for p in load_payloads(name)]
    print(f"payloads: {len(payloads)}", file=sys.stderr)
    if kind == "harmless":
        payloads = [f"harmless {n}" for n in range(BATCH)]
    pipeline = HostilePipeline()
    app = make_app(pipeline)

    async def ask(pilot, question: str) -> None:
        app.chat.ask(question)
        view = app.chat.conversation.views[-1]
        await until(pilot, lambda: view.state not in ("waiting", "asking"), 60)

    async def walk(pilot) -> None:
        await until(pilot, lambda: "24 articles" in screen_text(app), 60)
        for start in range(0, len(payloads), BATCH):
            batch = payloads[start : start + BATCH]
            answer = pipeline.load(batch)
            await ask(pilot, "q " + batch[0])
            app.chat.action_open(1)
            await until(pilot, lambda: isinstance(app.screen, CitationScreen), 60)
            for _ in batch:
                await pilot.press("n")
            await pilot.press("escape")
            pipeline.script = (Unreachable(" ".join(batch), batch[-1]),)
            await ask(pilot, "again")
            pipeline.script = (Finished(replace(answer, abstained=True, citations=(), short=None)),)
            await ask(pilot, "once more")
            await pilot.press("ctrl+n")
        app.exit()

    app.run(auto_pilot=walk)
    print("walked to the end", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
