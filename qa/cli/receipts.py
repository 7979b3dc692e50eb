"""`qa ask --receipt FILE` and `qa verify FILE`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from index.corpus import Corpus
from index.safe import safe
from index.types import Scope
from qa.cli.wiring import open_corpus, settings_from
from qa.config import Settings
from qa.plain import bold, counted
from qa.types import Answer, Answerer

NO_LONGER = 1
"""The exit code where a quote does not stand any more."""

_SAYS = {
    "stands": "stands",
    "moved": "stands, elsewhere in the article",
    "article changed": "no longer in the article, which changed",
    "gone": "the article is not in the index",
}


def keep_receipt(
    file: Path, answer: Answer, corpus: Corpus, settings: Settings, scope: Scope, answerer: Answerer
) -> None:
    """Write the receipt of an answer that was just given."""
    from qa import __version__
    from qa.receipt import write_receipt
    from qa.secrets import mask

    options = settings.options(settings.model)
    used = {
        "model": options.model or settings.model,
        "api_base": mask(options.api_base) if options.api_base else None,
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "k": settings.k,
        "embedder": settings.embedder,
    }
    prompts = {name: prompt.sha256 for name, prompt in getattr(answerer, "prompts", {}).items()}
    if sent := getattr(answerer, "sent_sha256", None):
        prompts["sent"] = sent
    write_receipt(
        file, answer, corpus, version=__version__, settings=used, scope=scope, prompts=prompts
    )


def run_verify(file: Path, store: str | None, as_json: bool) -> int:
    """Say how each quote of a receipt stands; 1 where one does not any more."""
    from qa.receipt import read_receipt, verify

    receipt, sealed = read_receipt(file)
    corpus = open_corpus(settings_from(store=store))
    checked = verify(receipt, corpus)
    same_index = corpus.content_hash() == receipt["index"].get("content")
    lost = sum(c.status in ("article changed", "gone") for c in checked)
    if as_json:
        from qa.render import to_json

        print(
            to_json(
                {
                    "receipt": str(file),
                    "question": receipt["question"],
                    "sealed": sealed,
                    "same_index": same_index,
                    "quotes": [asdict(c) for c in checked],
                    "stands": not lost and sealed,
                }
            )
        )
        return NO_LONGER if lost or not sealed else 0
    print(bold(safe(str(receipt["question"]), newlines=False)))
    if not sealed:
        print("the receipt was changed after it was written")
    for c in checked:
        says = _SAYS[c.status]
        if c.status in ("stands", "moved") and not c.same_text:
            says += "; the article changed elsewhere"
        print(f"[{c.number}] {says}: {safe(c.title, newlines=False)} ({safe(c.article_id)})")
        if c.status != "stands":
            print(f"    “{safe(c.quote, newlines=False)}”")
    count = Counter(c.status for c in checked)
    row = ", ".join(f"{n} {status}" for status, n in count.items()) or "it quotes nothing"
    print(
        f"{counted(len(checked), 'quote')}: {row}; the index is {'the same' if same_index else 'another one'}"
    )
    return NO_LONGER if lost or not sealed else 0
