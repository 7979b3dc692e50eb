"""What a question asks for, what can be an answer to it, and what it takes for granted."""

from __future__ import annotations

import pytest

from index.lexical import terms
from index.types import Hit, Passage
from qa.fit import fits, speaks
from qa.premise import away, elsewhen, quotes, rival
from qa.question import read_question
from qa.sentence import Sentence, asks, is_heading
from qa.short import describes, reason, short_of, whole
from qa.spans import candidates
from tests.fakes import make_source


@pytest.mark.parametrize(
    "question, kind",
    [
        ("Who knocked on the doors when the cathedral reopened?", "who"),
        ("When the levy was raised, what did the growers do?", "other"),
        ("What did the ministry say when he complained?", "other"),
        ("A girl made history when she did which of the following?", "other"),
        ("and when did he lead it?", "when"),
        ("since when is he there", "when"),
        ("In which city was he when he died?", "where"),
        ("what did the outage cost Kestrel Air", "money"),
        ("what happened to Kestrel's share price?", "other"),
        ("death toll tarn valley", "quantity"),
        ("What principle shows the meaning of primes in number theory?", "other"),
        ("how many days did it take", "duration"),
    ],
)
def test_the_question_word_that_asks_says_the_kind(question: str, kind: str) -> None:
    assert read_question(question).kind == kind


@pytest.mark.parametrize(
    "question, answer, fit",
    [
        ("Who runs the port?", "He", False),
        ("Who runs the port?", "Ida Brandt", True),
        ("Who runs the port?", "the harbour board", True),
        ("Which company made the wheels?", "six", False),
        ("Who owns the Marigold?", "Marigold", False),
        ("When did the dam break?", "the longest-serving engineer", False),
        ("When did the dam break?", "in the spring", True),
        ("When did the dam break?", "Tuesday", True),
        ("How many died?", "dozens", True),
        ("How many died?", "the victims", False),
        ("What time did the river peak?", "6.21 metres", False),
        ("What time did the river peak?", "4.40 a.m.", True),
        ("When did the river peak?", "40 minutes later", True),
        ("How many goals did he score?", "third", False),
        ("How many of them left?", "a third", True),
        ("What percentage of the vote did she win?", "11,873 votes", False),
        ("What percentage of the vote did she win?", "38.2%", True),
        ("What percentage of the vote did she win?", "two in five", True),
    ],
)
def test_what_can_be_an_answer(question: str, answer: str, fit: bool) -> None:
    assert fits(answer, read_question(question)) is fit


def sentence(
    text: str, before: str = "", title: str = "Talks", published: str = "2031-05-17"
) -> Sentence:
    passage = f"{before} {text}".strip()
    source = make_source("talks", title=title, published=published)
    hit = Hit(1, 0.5, Passage("talks#1", source, 0, len(passage), passage))
    start = len(passage) - len(text)
    own, around = frozenset(terms(text)), frozenset(terms(f"{title} {passage}"))
    return Sentence(hit, start, len(passage), text, before, own, around, around, {})


@pytest.mark.parametrize(
    "question, text, other",
    [
        ("Who led Norland's delegation?", "The Sudmark delegation was led by Ole Falk.", True),
        ("Who led the Sudmark delegation?", "The Sudmark delegation was led by Ole Falk.", False),
        ("Who led Sudmarks delegation?", "The Sudmarkian delegation was led by Ole Falk.", False),
        ("Who chaired the third round?", "Ida Brandt chaired the second round.", True),
        ("Who chaired the second round?", "Ida Brandt chaired the second round.", False),
        ("When did Skylark-4 land?", "Skylark-3 landed in September.", True),
        ("When did Skylark-3 land?", "Skylark-3 landed in September.", False),
    ],
)  # fmt: skip
def test_a_sentence_about_another_is_told_apart(question: str, text: str, other: bool) -> None:
    assert rival(sentence(text), read_question(question)) is other


@pytest.mark.parametrize(
    "question, other",
    [
        ("Who led the team at the talks in July 2031?", True),
        ("Who led the team at the talks in May 2031?", False),
        ("Who led the team at the talks in April and May 2031?", False),
        ("Who led the team in 2030?", True),
        ("Who led the team?", False),
    ],
)
def test_another_month_or_year_is_told_apart(question: str, other: bool) -> None:
    held = sentence("Ole Falk led the team.", before="The talks opened on Friday.")
    assert elsewhen(held, read_question(question)) is other


@pytest.mark.parametrize(
    "question, text, span, short",
    [
        ("How long did they talk?", "They talked for an hour and forty minutes.", "forty minutes",
         "an hour and forty minutes"),
        ("How much will it cost?", "It will cost between $4 and $5.", "$4", "between $4 and $5"),
        ("What did it cost?", "It cost about 6 million rupees, or some $75,000.", "6 million rupees, or some $75,000",
         "about 6 million rupees"),
        ("How many flights were cut?", "It cut about 7,000 flights.", "7,000", "about 7,000"),
        ("Who owns the Marigold?", "It sued the Norland owner, Brandt Lines, in May.", "owner", "Brandt Lines"),
        ("Who finished the work?", "Ida Brandt, his deputy, finished the work.", "deputy", "Ida Brandt"),
        ("Who died?", "Ole Falk, the general whom the king chose, died.", "Ole Falk, the general whom", "Ole Falk"),
        ("How old is she?", "The 41-year-old doctor won.", "41-year", "41-year-old"),
        ("How many votes did he get?", "Ole Falk | Greens | 5,204 | 16.7%", "16.7%", "5,204"),
        ("What percentage did he get?", "Ole Falk | Greens | 5,204 | 16.7%", "16.7%", "16.7%"),
        ("How much will each household get?", "Homes get £750 and shops £2,500.", "£750 and shops £2,500", "£750"),
        ("How much was offered?", "It offered 455 pence a share on Tuesday.", "455 pence a share on Tuesday",
         "455 pence a share"),
    ],
)  # fmt: skip
def test_half_an_answer_is_made_whole(question: str, text: str, span: str, short: str) -> None:
    start = text.index(span)
    a, b = whole(text, (start, start + len(span)), read_question(question))
    assert text[a:b] == short


def test_what_describes_the_name_asked_about_is_no_answer() -> None:
    question = read_question("Who shot Ole Falk?")
    text = "The former minister Ole Falk was shot in Tarn, near the place where the Norland leader Ole Falk lived."
    assert not fits("former minister", question, text.partition("former minister")[2])
    assert fits("a sailor", question, " who had shot Ole Falk")


def test_a_name_of_the_question_that_is_far_from_the_sentence() -> None:
    held = sentence("Ole Falk led the team.", before="The talks opened in Tarn.")
    assert not away(held, read_question("Who led the team in Tarn?"))
    assert away(held, read_question("Who led the team in Marrow?"))


def test_a_time_or_a_day_is_no_count() -> None:
    text = "The file went out at 04:09 on 19 July and hit 8 machines."
    found = candidates(text, read_question("How many were hit?"))
    assert [text[a:b] for a, b in found] == ["8"]


def test_a_reason_is_what_follows_because() -> None:
    text = "The divers stopped because sonar showed 3.5 tonnes of steel above them, police said."
    given = reason(text)
    assert given and text[slice(*given)] == "sonar showed 3.5 tonnes of steel above them"
    assert reason("The divers stopped at noon.") is None


@pytest.mark.parametrize(
    "text, heading",
    [
        ("More:Speaker tests positive", True),
        ("Last week:'Uncharted' wins the holiday.", True),
        ("QUIZ TIME", True),
        ("Hide Caption 48 of 49 Photos: The premier leaves on July 6.", True),
        ("A. Falk/Wire/Getty Images Divers search the river on July 10.", True),
        ("The port reopened on Friday.", False),
        ("“The port is open,” she said: “at last.”", False),
        ("At 10:30 the port reopened.", False),
    ],
)
def test_headings_are_no_sentences(text: str, heading: bool) -> None:
    assert is_heading(text) is heading


def test_a_quiz_asks() -> None:
    assert asks("Which show will return for a new season?")
    assert not asks("The show will return.")


def test_how_late_is_not_how_long() -> None:
    lasted = read_question("how long did the session last?")
    assert not fits("two hours", lasted, " late.")
    assert fits("two hours", lasted, " and a half.")
    assert fits("two hours", read_question("how long ago did the session end?"), " ago.")


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("The bridge is due to open in 2030.", None),
        ("The delay was due to dearer steel.", "dearer steel"),
        ("Because a computer that crashes while starting cannot download it.",
         "a computer that crashes while starting cannot download it"),
    ],
)  # fmt: skip
def test_what_is_a_reason(sentence: str, given: str | None) -> None:
    found = reason(sentence)
    assert (sentence[slice(*found)] if found else None) == given


@pytest.mark.parametrize(
    "question, fit",
    [
        ("Who criticised the mayor?", False),
        ("Who has criticised the mayor?", True),  # "has" may be all: "who has the ball?"
        ("Who is the mayor?", True),
        ("Who urged them to stop?", True),
    ],
)
def test_who_did_something_to_one_is_not_that_one(question: str, fit: bool) -> None:
    assert fits("Ole Falk", read_question(question), ", urged them to stop.", "The mayor, ") is fit


def test_words_that_the_question_quotes() -> None:
    asked = read_question("Who said “the bill has arrived”?")
    assert quotes(sentence('Brazil warned that "the bill has arrived and must be paid".'), asked)
    assert not quotes(sentence("Ole Falk said that it had lost a bill."), asked)
    assert not quotes(sentence("Ole Falk said so."), read_question("Who said so?"))
    held = sentence("“The bill has arrived” hangs in Tarn.")
    assert not quotes(held, read_question("Where is “The bill has arrived”?"))


def test_what_time_is_the_time_of_a_day() -> None:
    text = "Friday, 20 February, 4.40 a.m.: The river peaks at 6.21 metres."
    held = sentence(text)
    at = text.index("6.21 metres")
    held.short = (at, at + len("6.21 metres"))
    held.features.update(sure=0.9, misfit=1.0)
    assert short_of(held, read_question("What time did the river peak?")) == "4.40 a.m."
    held = sentence("Polls open on Thursday at 7 a.m. and close at 10 p.m.")
    held.short = (14, 22)
    held.features.update(sure=0.1, misfit=0.0)
    assert short_of(held, read_question("What time do polls close?")) == "10 p.m."
    assert short_of(held, read_question("What time do polls open?")) == "7 a.m."


def test_who_is_described_by_the_name_asked_about() -> None:
    asked = read_question("Who is Ida Brandt?")
    assert describes(sentence("Prime Minister Ida Brandt visited the hall."), asked)
    assert not describes(sentence("Prime Minister Ole Brandt visited the hall."), asked)
    assert not describes(sentence("Ida Brandt visited the hall."), asked)


def test_who_followed_somebody_is_somebody_else() -> None:
    assert not fits("Ole Erik Falk", read_question("Who succeeded Ole Falk?"))


def test_a_day_of_the_question_that_the_sentence_does_not_name() -> None:
    held = sentence(
        "The swap went on on Friday, 23 May, with 307 men.", before="It began on 25 May."
    )
    assert elsewhen(held, read_question("How many were freed on 25 May 2031?"))
    assert not elsewhen(held, read_question("How many were freed on 23 May 2031?"))


def test_an_ordinal_before_a_name_counts() -> None:
    held = sentence("The second Tarn round took place on 2 June.")
    assert rival(held, read_question("When did the third round of talks take place?"))
    assert not rival(held, read_question("When did the second round of talks take place?"))


def test_a_day_counted_from_what_is_asked_for_is_not_its_day() -> None:
    aground = read_question("When did the Ole Falk run aground?")
    assert not fits("7 July, 106 days", aground, " after it ran aground there")
    assert fits("7 July", aground, ", 106 days after it ran aground there")
    assert fits("two days", read_question("How long after the storm was it?"), " after it")


@pytest.mark.parametrize(
    "question, text, short",
    [
        ("who is Hakan Fidan?", "Turkish Foreign Minister Hakan Fidan chaired it.", "Turkish Foreign Minister"),
        ("who is George Kurtz?", "George Kurtz, the chief executive, apologised.", "the chief executive"),
        ("What is the SBU?", "The SBU, Ukraine's security service, said so.", "Ukraine's security service"),
        ("who was Ole Falk?", "Nobody had heard Ole Falk.", None),
        ("Who is Ole Falk?", "The former treasurer of the trust, Ole Falk, went on trial.",
         "The former treasurer of the trust"),
        ("Who is Ole Falk?", "“It was a method,” the prosecutor, Ole Falk KC, told them.", "the prosecutor"),
        ("Who is Ole Falk?", "The very next day, Ole Falk, smiling, went home.", None),
    ],
)  # fmt: skip
def test_who_somebody_is_stands_beside_the_name(
    question: str, text: str, short: str | None
) -> None:
    assert short_of(sentence(text), read_question(question)) == short


@pytest.mark.parametrize(
    "question, answer, fit",
    [
        ("how long was it in preparation?", "117", False),
        ("how long was it in preparation?", "eighteen months", True),
        ("how many minutes was it live?", "78", True),
        ("how much did they demand?", "400 metres", False),
        ("how much did they demand?", "$916 million", True),
    ],
)
def test_measures_that_do_not_fit(question: str, answer: str, fit: bool) -> None:
    assert fits(answer, read_question(question)) is fit


@pytest.mark.parametrize(
    "question, text, answer, fit",
    [
        ("How long was it halted?", "It was halted as a boy fell ill five days after his dose.", "five days", False),
        ("How long after his dose did he fall ill?", "He fell ill five days after his dose.", "five days", True),
        ("How long was it stuck?", "It was stuck for about six days before it moved.", "six days", True),
        ("How long will he be out?", "He will miss three months after the fall.", "three months", True),
        ("How old was he?", "Falk died aged 83 after a fall.", "83", True),
    ],
)  # fmt: skip
def test_how_long_after_something_is_not_how_long_it_took(
    question: str, text: str, answer: str, fit: bool
) -> None:
    before, _, after = text.partition(answer)
    assert fits(answer, read_question(question), after, before) is fit


def test_what_somebody_said_is_told_by_words_of_saying() -> None:
    asked = read_question("What did Ole Falk say about the deal?")
    assert not speaks("The United States sent Ole Falk, who has observer status.", asked)
    assert speaks("Ole Falk called it a deal of fools.", asked)
    assert speaks("It was, for Ole Falk, “a deal of fools”.", asked)
    assert speaks("Ole Falk was there.", read_question("What did Ole Falk do?"))


def test_news_of_the_articles_week_is_not_of_another_year() -> None:
    text = "Two people died when the river rose on Saturday."
    later = "It rose above the mark of 1998."
    held = sentence(text, before="")
    held.hit = Hit(1, 0.5, Passage("a#1", held.source, 0, 90, f"{text} {later}"))
    assert elsewhen(held, read_question("How many people died in the flood of 1998?"))
    assert not elsewhen(held, read_question("How many people died in the flood of 2031?"))
    held.before = later
    assert not elsewhen(held, read_question("How many people died in the flood of 1998?"))
