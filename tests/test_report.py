"""The report opens offline, and nothing in it runs that an article brought along."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from eval.cases import Case
from eval.report import write
from eval.run import identity, run
from index.errors import QaError
from tests.fakes import FakeCorpus, FakePipeline, make_answer

EVIL = '</script><img src=x onerror="alert(1)"><a href="javascript:x">$x\x1b[31m\u202e'
CASES = [
    Case(
        "<b>1", EVIL + "?", ("Medinsky", "<i>"), ("a",), (f"It was medinsky. {EVIL}",), tags=(EVIL,)
    ),
    Case("2", "Why?", answerable=False),
    Case("3", "Where?", ("Istanbul",), ("a",)),
]


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.marked: list[str] = []
        self.data = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.data += data
        if self.tags and self.tags[-1][0] == "mark":
            self.marked.append(data)


def runs(tmp_path, names=("one",)):
    script = {
        CASES[0].question: make_answer(EVIL, hits=["a"], cites=[("a", f"Medinsky <i> {EVIL}")]),
        "Where?": QaError(EVIL),
    }
    pipeline = FakePipeline(script, FakeCorpus(("a",)))
    header = identity(settings={"k": EVIL}, model=EVIL, index="i")
    return {
        n: run(CASES, pipeline, out=tmp_path / str(i), header=header) for i, n in enumerate(names)
    }


@pytest.mark.parametrize("names", [("one",), ("one", EVIL)])
def test_nothing_of_a_text_becomes_markup(tmp_path, names):
    write(runs(tmp_path, names), tmp_path / "report.html", title=EVIL)
    text = (tmp_path / "report.html").read_text("utf-8")
    page = Page()
    page.feed(text)
    kinds = [tag for tag, _ in page.tags]
    assert not {"img", "a", "iframe", "link", "object"} & set(kinds)
    assert kinds.count("script") == 1
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on")} | (
        {"src", "href"} & attributes
    )
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "Medinsky" in page.marked
    assert "medinsky" in page.marked
    assert "http" not in text.replace("http-equiv", "")


def test_the_policy_lets_the_script_of_the_page_run(tmp_path):
    write(runs(tmp_path), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_what_became_of_each_case(tmp_path):
    rows = runs(tmp_path)["one"].rows
    assert [row["label"] for row in rows] == ["right", "right", "error"]


def test_runs_that_agree_have_one_badge_and_earlier_turns_are_shown(tmp_path):
    found = runs(tmp_path, ("one", "two"))
    for name, label in (("one", "right"), ("two", "wrong answer")):
        row = found[name].rows[0]
        row["label"], row["history"] = label, [{"role": "user", "content": "Were there <b>talks?"}]
    write(found, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    badges = [case.count('class="badge') for case in re.findall(r"<summary>.*?</summary>", text)]
    assert [n for n in badges if n] == [2, 1, 1]  # "first passages" and the like have none
    assert "user: Were there &lt;b&gt;talks?" in text
