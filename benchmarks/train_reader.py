"""Train the reader on SQuAD 2.0 articles and write `qa/reader.onnx`.

    python -m benchmarks.train_reader --squad squad2.json --without xquad.json --out qa/reader.onnx

`--minutes` bounds the training; the learning rate falls to nothing over that time, or over
`--steps` when that is given (then a run can be repeated exactly). `--export CHECKPOINT`
only exports.
"""

from __future__ import annotations

import argparse
import logging
import random
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.reader_data import Overlap, Questions, read_squad, split
from index.export import model_folder
from qa.reader import Candidate, Encoded, encode, open_tokenizer

log = logging.getLogger("train_reader")


class Network(torch.nn.Module):
    """MiniLM with two heads: does the sentence answer, and where the answer begins and ends."""

    def __init__(self, *, traced: bool = False) -> None:
        super().__init__()
        from transformers import AutoModel
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        # Without dropout: there is hardly more than one pass over the data, and it costs time.
        self.encoder = AutoModel.from_pretrained(
            str(model_folder()),
            local_files_only=True,
            attn_implementation="eager" if traced else "sdpa",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.encoder.pooler = None
        size = self.encoder.config.hidden_size
        self.dense = torch.nn.Linear(3 * size, size)
        self.answer = torch.nn.Linear(size, 1)
        self.span = torch.nn.Linear(size, 2)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        inside = token_type_ids.unsqueeze(-1).to(states.dtype)
        mean = (states * inside).sum(1) / inside.sum(1).clamp(min=1.0)
        peak = (states + (inside - 1.0) * 1e4).max(1).values
        features = torch.cat([states[:, 0], mean, peak.clamp(min=-50.0)], dim=1)
        answer = self.answer(functional.gelu(self.dense(features))).squeeze(-1)
        span = self.span(states)
        return answer, span[..., 0], span[..., 1]


@dataclass(frozen=True, slots=True)
class Pair:
    """One candidate of a question as the model sees it; start and end are tokens, -1 for none."""

    encoded: Encoded
    answers: bool
    start: int
    end: int


class Sampler:
    """Makes the candidates of a question, other negatives each time."""

    def __init__(self, data: Questions, seed: int) -> None:
        self.data = data
        self.random = random.Random(seed)
        self.tokenizer = open_tokenizer()
        used = sorted({q.paragraph for q in data.questions})
        self.places = [(p, i) for p in used for i in range(len(data.paragraphs[p].spans))]
        self.row = {place: n for n, place in enumerate(self.places)}
        texts = [data.paragraphs[p].candidate(i).sentence for p, i in self.places]
        self.texts = [t.lower() for t in texts]
        self.overlap = Overlap(texts)

    def epoch(self, size: int) -> Iterator[list[list[Pair]]]:
        """Yield batches of `size` questions, each a list of candidates."""
        order = list(range(len(self.data.questions)))
        self.random.shuffle(order)
        for i in range(0, len(order) - size + 1, size):
            yield [group for n in order[i : i + size] if (group := self.candidates(n))]

    def candidates(self, n: int) -> list[Pair]:
        """Return the positive (if any) first, then negatives; none for a question not usable."""
        q = self.data.questions[n]
        paragraph = self.data.paragraphs[q.paragraph]
        pick = self.random
        if q.answers and not q.gold:
            return []
        held = [a.lower() for a in q.answers]
        own = [
            i
            for i in range(len(paragraph.spans))
            if all(i != g[0] for g in q.gold)
            and not any(a in paragraph.candidate(i).sentence.lower() for a in held)
        ]
        # The more words in common the more often drawn, but not always the same ones.
        own.sort(
            key=lambda i: (
                -self.overlap.score(q.text, self.row[q.paragraph, i]) * pick.uniform(0.5, 1)
            )
        )
        own.sort(key=lambda i: i not in q.plausible)
        far = []
        for row in self.overlap.best(q.text, 24):
            p, i = self.places[row]
            if p != q.paragraph and not any(a in self.texts[row] for a in held):
                far.append((p, i))
        text = q.text
        if pick.random() < 0.2:  # as people type
            text = text.lower().rstrip("?").rstrip()
        chosen: list[tuple[int, int]] = []
        if q.gold:
            chosen = [(q.paragraph, i) for i in own[:2]]
            chosen += [pick.choice(far[:8])] if far else []
        else:
            chosen = [(q.paragraph, i) for i in own[: 2 if pick.random() < 0.75 else 1]]
            chosen += [pick.choice(far[:8])] if far and pick.random() < 0.25 else []
        titled = pick.random() < 0.5
        pairs = []
        if q.gold:
            sentence, start, answer = pick.choice(q.gold)
            candidate = self._dressed(q.paragraph, sentence, titled)
            pairs.append(self._positive(text, candidate, start, answer))
        for p, i in chosen:
            found = encode(self.tokenizer, text, self._dressed(p, i, titled))
            pairs.append(Pair(found, False, -1, -1))
        return pairs

    def _dressed(self, p: int, i: int, titled: bool) -> Candidate:
        found = self.data.paragraphs[p].candidate(i)
        before = found.before if self.random.random() < 0.85 else ""
        return Candidate(found.title if titled else "", before, found.sentence)

    def _positive(self, text: str, candidate: Candidate, start: int, answer: str) -> Pair:
        e = encode(self.tokenizer, text, candidate)
        end = start + len(answer)
        inside = [k for k, (a, b) in enumerate(e.offsets) if b > start and a < end]
        if not inside:
            return Pair(e, True, -1, -1)
        return Pair(e, True, e.first + inside[0], e.first + inside[-1])


def tensors(group: Sequence[Encoded]) -> dict[str, torch.Tensor]:
    """Return padded inputs."""
    length = max(len(e.ids) for e in group)
    ids, types, mask = (np.zeros((len(group), length), dtype=np.int64) for _ in range(3))
    for i, e in enumerate(group):
        ids[i, : len(e.ids)] = e.ids
        types[i, : len(e.ids)] = e.types
        mask[i, : len(e.ids)] = 1
    return {
        "input_ids": torch.from_numpy(ids),
        "attention_mask": torch.from_numpy(mask),
        "token_type_ids": torch.from_numpy(types),
    }


def loss_of(network: Network, groups: Sequence[list[Pair]], chunk: int) -> dict[str, torch.Tensor]:
    """Return the three losses of a batch of questions."""
    pairs = [p for group in groups for p in group]
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].encoded.ids))
    logits: list[Any] = [None] * len(pairs)
    spans = []
    for i in range(0, len(order), chunk):
        rows = order[i : i + chunk]
        inputs = tensors([pairs[r].encoded for r in rows])
        answer, start, end = network(**inputs)
        outside = inputs["token_type_ids"] == 0
        for k, r in enumerate(rows):
            logits[r] = answer[k]
            if pairs[r].start >= 0:
                for found, wanted in ((start, pairs[r].start), (end, pairs[r].end)):
                    row = found[k].masked_fill(outside[k], -1e4)
                    spans.append(functional.cross_entropy(row, torch.tensor(wanted)))
    answers = torch.tensor([float(p.answers) for p in pairs])
    stacked = torch.stack(logits)
    yes = functional.binary_cross_entropy_with_logits(
        stacked, answers, pos_weight=torch.tensor(2.0)
    )
    lists, at = [], 0
    for group in groups:
        if group[0].answers and len(group) > 1:
            row = stacked[at : at + len(group)]
            lists.append(functional.cross_entropy(row, torch.tensor(0)))
        at += len(group)
    zero = stacked.sum() * 0.0
    return {
        "yes": yes,
        "rank": torch.stack(lists).mean() if lists else zero,
        "span": torch.stack(spans).mean() if spans else zero,
    }


def train(options: argparse.Namespace) -> Network:
    """Train and return the network; a checkpoint is written every few minutes."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    data, held = split(read_squad(options.squad, options.without))
    log.info("trained on %s; held out %s", data.titles, held.titles)
    log.info("%d questions over %d paragraphs", len(data.questions), len(data.paragraphs))
    sampler = Sampler(data, options.seed)
    network = Network().train()
    # The words' own vectors stay: few of them occur here, and half the weights are theirs.
    network.encoder.embeddings.word_embeddings.weight.requires_grad = False
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder.")]
    body = [
        p for n, p in network.named_parameters() if n.startswith("encoder.") and p.requires_grad
    ]
    rates = [options.rate, 5 * options.rate]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": rates[0]}, {"params": heads, "lr": rates[1]}],
        weight_decay=0.01,
        fused=True,
    )
    begun = saved = time.monotonic()
    step = seen = 0
    means: dict[str, float] = {}
    while True:
        for groups in sampler.epoch(options.questions):
            if not groups:
                continue
            spent = time.monotonic() - begun
            part = step / options.steps if options.steps else spent / (60 * options.minutes)
            if part >= 1:
                torch.save(network.state_dict(), options.checkpoint)
                return network
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * min(1.0, (step + 1) / 40, (1 - part) / 0.9)
            losses = loss_of(network, groups, options.chunk)
            total = losses["yes"] + 0.5 * losses["rank"] + 0.5 * losses["span"]
            optimizer.zero_grad(set_to_none=True)
            total.backward()
            torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
            optimizer.step()
            step += 1
            seen += sum(map(len, groups))
            for name, value in losses.items():
                means[name] = 0.97 * means.get(name, value.item()) + 0.03 * value.item()
            if step % 20 == 0:
                shown = " ".join(f"{k} {v:.3f}" for k, v in means.items())
                log.info("step %d, %d pairs, %.0f s, %s", step, seen, spent, shown)
            if time.monotonic() - saved > 240:
                torch.save(network.state_dict(), options.checkpoint)
                saved = time.monotonic()


def export(state: dict[str, Any], target: Path, weights: str) -> None:
    """Write the graph with fused kernels, its weights as `WEIGHTS` says."""
    import onnxruntime

    network = Network(traced=True).eval()
    network.load_state_dict(state)
    ids = torch.randint(1000, 2000, (2, 9))
    types = torch.zeros_like(ids)
    types[:, 4:8] = 1
    free = {0: "batch", 1: "tokens"}
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw, fused = str(Path(scratch, "raw.onnx")), str(Path(scratch, "fused.onnx"))
        torch.onnx.export(
            network,
            (ids, torch.ones_like(ids), types),
            raw,
            input_names=names,
            output_names=["answer", "start", "end"],
            dynamic_axes={
                **dict.fromkeys([*names, "start", "end"], free),
                "answer": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )
        session = onnxruntime.SessionOptions()
        session.log_severity_level = 3
        session.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        session.optimized_model_filepath = fused if weights != "fp32" else str(target)
        onnxruntime.InferenceSession(raw, session, providers=["CPUExecutionProvider"])
        if weights != "fp32":
            quantise(fused, target, compute=weights == "int8")
    log.info("wrote %s, %.1f MB", target, target.stat().st_size / 1e6)


WEIGHTS = {
    "int8": "stored as int8, multiplied as int8: the fastest",
    "stored": "stored as int8, multiplied as fp32: hardly differs from fp32",
    "fp32": "stored as they were trained: four times as large",
}


def quantise(fused: str, target: Path, *, compute: bool) -> None:
    """Write the graph with int8 weights, and with int8 products if `compute`."""
    import onnx
    from onnx import helper, numpy_helper
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        fused,
        str(target),
        op_types_to_quantize=["Gather", "MatMul"] if compute else ["Gather"],
        per_channel=True,
        # Seven bits: on processors without VNNI eight of them overflow in the product.
        reduce_range=compute,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    if compute:
        return
    model = onnx.load(str(target))
    graph = model.graph
    known = {i.name: i for i in graph.initializer}
    for node in list(graph.node):
        if node.op_type != "MatMul" or node.input[1] not in known:
            continue
        name = node.input[1]
        weight = numpy_helper.to_array(known[name])
        scale = np.maximum(np.abs(weight).max(0, keepdims=True) / 127, 1e-12)
        graph.initializer.append(
            numpy_helper.from_array(np.round(weight / scale).astype(np.int8), f"{name}_int8")
        )
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        graph.initializer.remove(known.pop(name))
        # Constants both: onnxruntime multiplies them once, when it loads the graph.
        float_type = onnx.TensorProto.FLOAT
        graph.node.insert(0, helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name]))
        graph.node.insert(
            0, helper.make_node("Cast", [f"{name}_int8"], [f"{name}_float"], to=float_type)
        )
    onnx.save(model, str(target))


def main() -> None:
    """Train, or only export, as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--squad", type=Path, help="a SQuAD 2.0 file")
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="paragraphs left out")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=Path("reader.pt"))
    parser.add_argument("--export", type=Path, help="export this checkpoint, train nothing")
    parser.add_argument("--weights", choices=WEIGHTS, default="int8", help=str(WEIGHTS))
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--questions", type=int, default=8, help="questions a batch")
    parser.add_argument("--chunk", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    state = (
        torch.load(options.export, weights_only=True)
        if options.export
        else train(options).state_dict()
    )
    export(state, options.out, options.weights)


if __name__ == "__main__":
    main()
