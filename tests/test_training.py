"""The reader's training goes on from the shipped graph, and its losses reward what they say."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import average_readers
from benchmarks.reader_examples import Example, Sampler
from benchmarks.reader_network import Network, opened
from benchmarks.reader_stories import FOLDER, SUBJECTS, read_stories
from benchmarks.reader_written import read_written
from benchmarks.train_reader import losses, tensors
from qa.reader import SENTENCES, Encoded, Reader, Window, encode, open_tokenizer, readings

QUESTION = "who led Russia's delegation?"
WINDOW = Window(
    "Talks in Istanbul",
    "",
    (
        "The Ukrainian team arrived in Istanbul on Thursday morning.",
        "Presidential aide Vladimir Medinsky headed the Russian delegation.",
    ),
)


@pytest.fixture(scope="module")
def encoded() -> Encoded:
    return encode(open_tokenizer(), QUESTION, WINDOW)


def test_the_shipped_graph_is_a_checkpoint(encoded: Encoded) -> None:
    network = opened(Path(str(resources.files("qa"))) / "reader.onnx").eval()
    with torch.no_grad():
        answer, starts, ends = (o[0].numpy() for o in network(**tensors([encoded])))
    (shipped,) = Reader().read_windows(QUESTION, [WINDOW])
    for mine, theirs in zip(readings(encoded, answer, starts, ends), shipped, strict=True):
        assert abs(mine.score - theirs.score) < 1.2  # int8 activations (docs/reader.md)
    assert network.layers == (0, 1, 4, 5, 6, 7, 8, 9, 10)


class Fixed(Network):
    """Points at one token as the answer's start and end, and thinks nothing of any sentence."""

    def __init__(self, at: int) -> None:
        torch.nn.Module.__init__(self)
        self.at = at

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
        sentences: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        place = 20.0 * torch.nn.functional.one_hot(torch.tensor([self.at]), input_ids.shape[1])
        return torch.zeros(len(input_ids), SENTENCES), place, place


def window_loss(example: Example, at: int) -> float:
    return losses(Fixed(at), [[example]], 1600, torch.float32)["window"].item()


def test_a_window_without_an_answer_points_at_its_beginning(encoded: Encoded) -> None:
    none = Example(encoded, frozenset(), frozenset())
    inside = encoded.parts[1].first
    assert window_loss(none, 0) < 0.01 < 5 < window_loss(none, inside)


def test_a_window_with_an_answer_points_at_it_whatever_else_may_answer(encoded: Encoded) -> None:
    first, second = encoded.parts[:2]
    at = second.first + 2
    answered = Example(encoded, frozenset({1}), frozenset(), 1, at, at)
    assert window_loss(answered, at) < 0.01 < 5 < window_loss(answered, first.first)
    # A sentence that holds the answer's words too is neither right nor wrong.
    unclear = Example(encoded, frozenset({1}), frozenset({0}), 1, at, at)
    assert window_loss(unclear, first.first) < np.log(len(encoded.ids))


def test_the_texts_written_for_it_hold_what_they_say() -> None:
    trained, kept = read_written(held=False), read_written(held=True)
    assert set(trained.titles).isdisjoint(kept.titles)
    assert len(trained.titles) > 6 * len(kept.titles) > 0
    for data in (trained, kept):
        for q in data.questions:
            text = data.paragraphs[q.paragraph].text
            assert all(answer in text for answer in q.answers)
            if q.answers:  # in one sentence, at its place
                ((i, start, answer),) = q.gold
                a, b = data.paragraphs[q.paragraph].spans[i]
                assert text[a + start :].startswith(answer)
                assert a + start + len(answer) <= b
            else:
                assert len(q.plausible) <= 1
        likely = [q for q in data.questions if q.plausible]
        assert len(likely) > 1.5 * len(data.titles)


@pytest.mark.parametrize("folder, dated", [(FOLDER, True), (SUBJECTS, False)])
def test_the_stories_written_for_it_hold_what_they_say(folder: Path, dated: bool) -> None:
    trained, kept = (read_stories(held=held, folder=folder) for held in (False, True))
    assert len(trained.questions) > 6 * len(kept.questions) > 0
    assert {p.title for p in trained.paragraphs}.isdisjoint(p.title for p in kept.paragraphs)
    for data in (trained, kept):
        for q in data.questions:
            assert q.beside or q.answering
            assert not set(q.beside) & {q.paragraph, *q.answering}
            assert bool(q.answers) is (q.paragraph in q.answering)
            assert bool(data.paragraphs[q.paragraph].published) is dated
            for i, start, answer in q.gold:
                a, _ = data.paragraphs[q.paragraph].spans[i]
                assert data.paragraphs[q.paragraph].text[a + start :].startswith(answer)
        assert sum(bool(q.gold) for q in data.questions) > 0.6 * len(data.questions)


def test_a_question_of_a_story_comes_with_what_does_not_answer_it() -> None:
    data = read_stories(held=True)
    near = [0] * 16  # whatever an embedder would find

    def nearest(questions: Sequence[str], sentences: Sequence[str]) -> list[list[int]]:
        assert len(questions) == len(data.questions)
        return [near for _ in questions]

    sampler = Sampler(data, 3, [0.5] * len(data.questions), nearest)
    groups = [group for batch in sampler.epoch(4) for group in batch]
    assert len(groups) < len(data.questions)  # each comes up every other time
    wrong = [e for group in groups for e in group[1:]]
    assert len(wrong) > len(groups) / 2
    assert not any(e.gold for e in wrong)


def test_the_mean_of_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = []
    for n in (1, 2):
        network = Network((0,))
        states.append(network.state_dict())
        torch.save({"state": states[-1], "layers": [0]}, tmp_path / f"{n}.pt")
    files = [str(tmp_path / f"{n}.pt") for n in (1, 2)]
    out = str(tmp_path / "mean.pt")
    monkeypatch.setattr("sys.argv", ["x", *files, "--weights", "0.25", "0.75", "--out", out])
    average_readers.main()
    mean = opened(tmp_path / "mean.pt").state_dict()
    for name, value in mean.items():
        assert torch.allclose(value, 0.25 * states[0][name] + 0.75 * states[1][name], atol=1e-6)
