"""Train the reader on SQuAD 2.0 and XQuAD articles and write a checkpoint.

    python -m benchmarks.train_reader --squad squad2.json --xquad xquad.json --out reader.pt

`--minutes` bounds the training; the learning rate falls to nothing over that time, or over
`--steps` when that is given (then a run can be repeated exactly). `benchmarks.export_reader`
makes `qa/reader.onnx` of it. The articles that `reader_data.held_out` names are never trained on.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from benchmarks.reader_data import Questions, held_out, joined, read_squad, training
from benchmarks.reader_examples import Example, Sampler
from benchmarks.reader_made import read_articles
from benchmarks.reader_nearest import nearest
from benchmarks.reader_network import LAYERS, Network, opened, start
from benchmarks.reader_stories import SUBJECTS, read_stories
from benchmarks.reader_written import read_written
from qa.reader import Encoded

log = logging.getLogger("train_reader")

_AVERAGE = 0.995
"""Of the moving average of the weights, which is what is kept."""


def tensors(group: Sequence[Encoded]) -> dict[str, torch.Tensor]:
    """Return padded inputs."""
    length = max(len(e.ids) for e in group)
    ids, types, mask, numbers = (np.zeros((len(group), length), dtype=np.int64) for _ in range(4))
    for i, e in enumerate(group):
        n = len(e.ids)
        ids[i, :n], types[i, :n], mask[i, :n], numbers[i, :n] = e.ids, e.types, 1, e.numbers
    return {
        "input_ids": torch.from_numpy(ids),
        "attention_mask": torch.from_numpy(mask),
        "token_type_ids": torch.from_numpy(types),
        "sentences": torch.from_numpy(numbers),
    }


def losses(
    network: Network, groups: Sequence[list[Example]], budget: int, precision: torch.dtype
) -> dict[str, torch.Tensor]:
    """Return the losses of a batch of questions, windows of like length computed together.

    `list`: of all sentences of a question's windows and "none of them" (logit 0), the right one is to have
    the greatest share. `each`: every sentence by itself answers or does not. `span`: where in its sentence the
    answer is. `window`: where in its window, or at [CLS] if that holds none.
    """
    flat = [(g, e) for g, group in enumerate(groups) for e in group]
    flat.sort(key=lambda pair: len(pair[1].encoded.ids))
    rows: list[list[torch.Tensor]] = [[] for _ in groups]
    right: list[list[torch.Tensor]] = [[] for _ in groups]
    each, spans, places = [], [], []
    at = 0
    while at < len(flat):
        chunk = [flat[at]]
        while at + len(chunk) < len(flat) and (
            (len(chunk) + 1) * len(flat[at + len(chunk)][1].encoded.ids) <= budget
        ):
            chunk.append(flat[at + len(chunk)])
        at += len(chunk)
        inputs = tensors([e.encoded for _, e in chunk])
        with torch.autocast("cpu", dtype=precision, enabled=precision != torch.float32):
            outputs = network(**inputs)
        answer, start_, end_ = (o.float() for o in outputs)
        for k, (g, e) in enumerate(chunk):
            judged = [
                i for i, part in enumerate(e.encoded.parts) if part.offsets and i not in e.unclear
            ]
            logits = answer[k, judged]
            truth = torch.tensor([float(i in e.gold) for i in judged])
            each.append(functional.binary_cross_entropy_with_logits(logits, truth, reduction="sum"))
            rows[g].append(logits)
            right[g].append(truth)
            numbers = inputs["sentences"][k]
            if e.start >= 0:
                spans += _placed(start_[k], end_[k], numbers == e.sentence + 1, e.start, e.end)
            if e.start >= 0 or not e.gold:
                # A second sentence that answers, or may, is neither right nor wrong.
                skipped = (e.gold | e.unclear) - {e.sentence}
                inside = (numbers > 0) & ~torch.isin(
                    numbers, torch.tensor([n + 1 for n in skipped])
                )
                inside[0] = True
                places += _placed(start_[k], end_[k], inside, max(e.start, 0), max(e.end, 0))
    lists = []
    for found_, truth_ in zip(rows, right, strict=True):
        logits, truth = torch.cat(found_), torch.cat(truth_)
        everything = torch.cat([logits, torch.zeros(1)]).logsumexp(0)
        lists.append(everything - (logits[truth > 0].logsumexp(0) if truth.any() else 0.0))
    count = sum(len(r) for row in rows for r in row)
    return {
        "list": torch.stack(lists).mean(),
        "each": torch.stack(each).sum() / count,
        "span": torch.stack(spans).mean() if spans else torch.zeros(()),
        "window": torch.stack(places).mean() if places else torch.zeros(()),
    }


def _placed(
    starts: torch.Tensor, ends: torch.Tensor, inside: torch.Tensor, start: int, end: int
) -> list[torch.Tensor]:
    """Return the cross-entropies of start and end among the tokens `inside`."""
    return [
        functional.cross_entropy(logits.masked_fill(~inside, -1e4), torch.tensor(wanted))
        for logits, wanted in ((starts, start), (ends, end))
    ]


class Average:
    """The moving average of a network's trained weights."""

    def __init__(self, network: Network) -> None:
        self.state = {n: p.detach().clone() for n, p in network.named_parameters()}

    def update(self, network: Network, decay: float) -> None:
        """Move towards the network's weights."""
        for name, value in network.named_parameters():
            if value.requires_grad:
                self.state[name].lerp_(value.detach(), 1 - decay)


def train(options: argparse.Namespace) -> None:
    """Train; the averaged weights are written to `--out`, and every few minutes to `--out`.partial."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    precision = torch.bfloat16 if options.bf16 else torch.float32
    data, weights = _training(options)
    log.info("%d questions over %d paragraphs", len(data.questions), len(data.paragraphs))
    sampler = Sampler(data, options.seed, weights, nearest if options.nearest else None)
    network = opened(options.go_on) if options.go_on else start(options.layers)
    network.train()
    # The words' own vectors and the lowest layers stay: what they do is not particular to the task.
    network.encoder.embeddings.requires_grad_(False)
    for layer in network.encoder.encoder.layer[: options.frozen]:
        layer.requires_grad_(False)
    new = ("evidence", "dense", "answer", "span")
    body = [p for n, p in network.named_parameters() if p.requires_grad and not n.startswith(new)]
    heads = [p for n, p in network.named_parameters() if n.startswith(new)]
    rates = [options.rate, options.head_rate]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": rates[0]}, {"params": heads, "lr": rates[1]}],
        weight_decay=0.01,
        fused=True,
    )
    average = Average(network)
    begun = saved = time.monotonic()
    step = tokens = 0
    means: dict[str, float] = {}

    def save(path: Path) -> None:
        torch.save({"state": average.state, "layers": list(network.layers)}, path)

    while True:
        for groups in sampler.epoch(options.questions):
            if not groups:
                continue
            spent = time.monotonic() - begun
            part = step / options.steps if options.steps else spent / (60 * options.minutes)
            if part >= 1:
                save(options.out)
                return
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(1.0, (step + 1) / options.warm_up, (1 - part) / 0.9)
            found = losses(network, groups, options.budget, precision)
            total = found["list"] + 0.5 * sum(found[n] for n in ("each", "span", "window"))
            optimizer.zero_grad(set_to_none=True)
            total.backward()
            torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
            optimizer.step()
            step += 1
            average.update(network, min(_AVERAGE, 1 - 1 / (step + 1)))
            tokens += sum(len(e.encoded.ids) for group in groups for e in group)
            for name, value in found.items():
                means[name] = 0.97 * means.get(name, value.item()) + 0.03 * value.item()
            if step % 20 == 0:
                shown = " ".join(f"{k} {v:.3f}" for k, v in means.items())
                log.info("step %d, %d tokens, %.0f s, %s", step, tokens, spent, shown)
            if time.monotonic() - saved > 60 * options.save_every:
                save(options.out.with_suffix(".partial"))
                saved = time.monotonic()


def _training(options: argparse.Namespace) -> tuple[Questions, list[float]]:
    """Return what is trained on, and how often an epoch has each question, by `--often`."""
    squad = read_squad(options.squad)
    xquad = read_squad(options.xquad) if options.xquad else None
    held = held_out(squad, xquad)
    log.info("held out %s", sorted(held))
    often = {name: float(times) for name, times in (o.split("=") for o in options.often)}
    sets = [("squad", training(squad, xquad, held))]
    sets += [("articles", read_articles(path)) for path in options.articles]
    if options.written:
        sets += [
            ("written", read_written(held=False)),
            ("stories", read_stories(held=False)),
            ("subjects", read_stories(held=False, folder=SUBJECTS)),
        ]
    weights = [often.get(name, 1.0) for name, data in sets for _ in data.questions]
    for name, data in sets:
        log.info("%s: %d questions, %g times", name, len(data.questions), often.get(name, 1.0))
    return reduce(joined, (data for _, data in sets)), weights


def main() -> None:
    """Train as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--squad", type=Path, required=True)
    parser.add_argument("--xquad", type=Path)
    parser.add_argument(
        "--articles", type=Path, nargs="*", default=[], help="to make questions from"
    )
    parser.add_argument(
        "--written", action="store_true", help="the texts, stories and subjects written for it, too"
    )
    parser.add_argument(
        "--often",
        nargs="*",
        default=[],
        metavar="SET=TIMES",
        help="how often an epoch has the questions of squad, articles, written, stories, subjects (1)",
    )
    parser.add_argument(
        "--nearest", action="store_true", help="wrong sentences by meaning too, not by words alone"
    )
    parser.add_argument("--out", type=Path, default=Path("reader.pt"))
    parser.add_argument("--go-on", type=Path, help="start from this checkpoint or graph")
    parser.add_argument("--layers", type=int, nargs="*", default=LAYERS, help="of the base")
    parser.add_argument("--frozen", type=int, default=4, help="lowest layers that stay as they are")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--questions", type=int, default=12, help="a batch")
    parser.add_argument("--budget", type=int, default=1600, help="tokens computed together")
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--head-rate", type=float, default=4e-4)
    parser.add_argument("--warm-up", type=int, default=40, help="steps")
    parser.add_argument("--bf16", action="store_true", help="compute in bfloat16")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--save-every", type=float, default=5, help="minutes")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(options)


if __name__ == "__main__":
    main()
