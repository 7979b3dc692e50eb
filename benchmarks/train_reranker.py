"""Train the reranker to say what the base says, with half of its layers, and write a checkpoint.

    python -m benchmarks.train_reranker pairs.json labels.json --minutes 35 --out reranker.pt
    python -m benchmarks.train_reranker pairs.json labels.json --ranked ranked.json --go-on reranker.pt --out better.pt

`pairs.json` comes from `benchmarks.reranker_data`, `labels.json` (the base's logits of the same shape) from
`benchmarks.export_reranker`. With `--ranked` (of `benchmarks.reranker_written`) it also learns which passages answer.
The embeddings stay as they are. The learning rate falls to nothing over the minutes, or over `--steps` when that is
given.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.reranker_network import LAYERS, Network, opened, start

log = logging.getLogger("train_reranker")

HELD_OUT = 40
"""Questions, the first ones, that are measured and not trained on."""

MEASURED = 150
"""Likewise, of `--ranked`."""

GROUPS = 4
"""Questions a step, of each kind."""


def tensors(pairs: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return padded tokens, types, and what is added to the attention."""
    length = max(map(len, pairs)) - 1
    ids, types = (np.zeros((len(pairs), length), dtype=np.int64) for _ in range(2))
    mask = np.full((len(pairs), 1, 1, length), -1e4, dtype=np.float32)
    for i, (asked, *tokens) in enumerate(pairs):
        n = len(tokens)
        ids[i, :n], types[i, asked:n], mask[i, 0, 0, :n] = tokens, 1, 0.0
    return torch.from_numpy(ids), torch.from_numpy(types), torch.from_numpy(mask)


def loss(network: Network, pairs: Sequence[list[int]], labels: torch.Tensor) -> torch.Tensor:
    """Return how far the logits are from the base's, each by itself and less their question's mean."""
    with torch.autocast("cpu", torch.bfloat16):
        found = network(*tensors(pairs)).float().view(labels.shape)
    each = functional.smooth_l1_loss(found, labels)
    within = functional.smooth_l1_loss(
        found - found.mean(1, keepdim=True), labels - labels.mean(1, keepdim=True)
    )
    return each + within


def ranking_loss(network: Network, groups: Sequence[dict[str, Any]]) -> torch.Tensor:
    """Return how little of the softmax over a question's passages the ones that answer have."""
    with torch.autocast("cpu", torch.bfloat16):
        found = network(*tensors([p for g in groups for p in g["pairs"]])).float()
    right = torch.tensor([g["right"] for g in groups])
    logits = found.view(right.shape)
    answers = logits.masked_fill(~right, -torch.inf).logsumexp(1)
    return (logits.logsumexp(1) - answers).mean()


def found_first(network: Network, groups: Sequence[dict[str, Any]]) -> str:
    """Return how often the passage with the greatest logit answers."""
    network.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        first = [g["right"][network(*tensors(g["pairs"])).argmax()] for g in groups]
    network.train()
    return f"an answer first {np.mean(first):.3f}"


def measure(network: Network, groups: Sequence[list[list[int]]], labels: np.ndarray) -> str:
    """Return how well the logits agree with the base's: over all pairs, and within questions."""
    network.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        found = np.array([network(*tensors(g)).float().numpy() for g in groups])
    network.train()
    over = np.corrcoef(found.ravel(), labels.ravel())[0, 1]
    centred = [x - x.mean(1, keepdims=True) for x in (found, labels)]
    within = np.corrcoef(centred[0].ravel(), centred[1].ravel())[0, 1]
    first = (found.argmax(1) == labels.argmax(1)).mean()
    return f"r {over:.4f}, within questions {within:.4f}, the same first {first:.3f}"


def train(options: argparse.Namespace) -> None:
    """Train over the questions that have labels, in their order, again from the first when all are used."""
    torch.manual_seed(1)
    groups = json.loads(options.pairs.read_text())
    labels = np.array(json.loads(options.labels.read_text()), dtype=np.float32)
    held, told = groups[:HELD_OUT], labels[:HELD_OUT]
    ranked = json.loads(options.ranked.read_text()) if options.ranked else []
    kept, ranked = ranked[:MEASURED], ranked[MEASURED:]
    network = (opened(options.go_on) if options.go_on else start(LAYERS)).train()
    for part in (network.words, network.places, network.types):
        part.requires_grad_(False)
    weights = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    log.info("at the start: %s", measure(network, held, told))
    began, at, step, smooth = time.monotonic(), HELD_OUT, 0, 0.0
    while True:
        spent = (time.monotonic() - began) / 60 / options.minutes
        done = step / options.steps if options.steps else spent
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min((step + 1) / 20, 1.0) * (1 - done)
        if at + GROUPS > len(labels):
            labels = np.array(json.loads(options.labels.read_text()), dtype=np.float32)
            at = at if at + GROUPS <= len(labels) else HELD_OUT
        pairs = [p for g in groups[at : at + GROUPS] for p in g]
        value = loss(network, pairs, torch.from_numpy(labels[at : at + GROUPS]))
        optimizer.zero_grad()
        value.backward()
        if ranked:
            turn = step * GROUPS % (len(ranked) - GROUPS)
            (options.weight * ranking_loss(network, ranked[turn : turn + GROUPS])).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        at, step = at + GROUPS, step + 1
        smooth = value.item() if step == 1 else 0.95 * smooth + 0.05 * value.item()
        if step % 25 == 0:
            minutes = (time.monotonic() - began) / 60
            log.info("step %d, %.1f min, question %d, loss %.3f", step, minutes, at, smooth)
        if step % 100 == 0:
            log.info("%s", measure(network, held, told))
            if kept:
                log.info("%s", found_first(network, kept))
            torch.save({"layers": LAYERS, "state": network.state_dict()}, options.out)
    log.info("at the end: %s", measure(network, held, told))
    torch.save({"layers": LAYERS, "state": network.state_dict()}, options.out)


def main() -> None:
    """Train as the options say."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--minutes", type=float, default=35.0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--ranked", type=Path, help="questions with the passages that answer them")
    parser.add_argument("--weight", type=float, default=1.0, help="of what these teach")
    parser.add_argument("--go-on", type=Path, help="start from this checkpoint or graph")
    parser.add_argument("--out", type=Path, required=True)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
