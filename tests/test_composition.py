"""What is made of ranked sentences: differing values, explanations, what stands beside the best one."""

from __future__ import annotations

from index.lexical import terms
from index.types import Hit, Passage
from qa.composition import compose, happened
from qa.occasions import asked_of
from qa.question import read_question
from qa.sentence import Sentence
from qa.types import Draft
from tests.fakes import make_source


def said(
    text: str, short: str = "", *, outlet: str = "Wire", day: str = "2031-06-02", score: float = 3.0,
    story: str | None = None, passage: str | None = None, sure: float = 0.9,
) -> Sentence:  # fmt: skip
    """A sentence of an article of its own, read as if `short` were its answer."""
    article = f"{outlet}-{day}".lower()
    source = make_source(article, publisher=outlet, published=day, story=story)
    whole = passage or text
    start = whole.index(text)
    own = frozenset(terms(text))
    at = text.index(short) if short else 0
    features = {"context": 1.0, "sure": sure, "misfit": 0.0, "elsewhen": 0.0, "rival": 0.0}
    return Sentence(
        Hit(1, 0.5, Passage(f"{article}#1", source, 0, len(whole), whole)), start, start + len(text),
        text, "", own, own, own, features, score, (at, at + len(short)),
    )  # fmt: skip


def made(question: str, *ranked: Sentence) -> Draft:
    return compose(ranked, read_question(question))


def test_two_days_for_one_event_are_both_shown() -> None:
    draft = made(
        "When will the Tarn bridge open?",
        said("The Tarn bridge will open to traffic on 15 July.", "15 July", outlet="Wire"),
        said("The Tarn bridge will open to traffic on 18 July.", "18 July", outlet="Ledger", score=2.5),
    )  # fmt: skip
    assert draft.short == "15 July · 18 July"
    assert draft.text.startswith(
        "15 July (Wire, 2 June 2031) [1] · 18 July (Ledger, 2 June 2031) [2]"
    )
    assert draft.notes == ("the articles give different values",)


def test_figures_of_other_events_are_no_difference() -> None:
    draft = made(
        "How many people were killed in Tarn?",
        said("In all 21 people were killed in Tarn.", "21", outlet="Wire"),
        said("Three people were killed at a fair in Lund.", "Three", outlet="Ledger", score=2.5),
    )  # fmt: skip
    assert draft.short == "21" and draft.notes == ()
    draft = made(
        "How many people were killed in Tarn?",
        said("In all 21 people were killed in Tarn.", "21", outlet="Wire"),
        said("Police in Tarn said 19 people were killed.", "19", outlet="Ledger", score=2.5),
    )  # fmt: skip
    assert draft.short == "21 · 19"


def test_the_same_day_in_two_forms_is_no_difference() -> None:
    draft = made(
        "When will the Tarn bridge open?",
        said("The Tarn bridge will open to traffic on 6 June.", "6 June"),
        said("The Tarn bridge will open to traffic on Friday.", "Friday", outlet="Ledger", score=2.5),
    )  # fmt: skip
    assert draft.short == "6 June" and draft.notes == ()


def test_two_events_are_no_difference() -> None:
    draft = made(
        "When did the strike begin?",
        said("The port strike began on 3 May.", "3 May"),
        said("Pilots of Kestrel Air said their walk-out began on 9 May.", "9 May", outlet="Ledger", score=2.5),
    )  # fmt: skip
    assert draft.short == "3 May"


def test_two_names_for_one_office_are_both_shown() -> None:
    draft = made(
        "Who will lead the Norland delegation?",
        said("The Norland delegation will be led by Ole Falk.", "Ole Falk"),
        said("The Norland delegation will be led by Ida Brandt.", "Ida Brandt", outlet="Ledger", score=2.5),
    )  # fmt: skip
    assert draft.short == "Ole Falk · Ida Brandt"


def test_copies_of_a_story_do_not_differ() -> None:
    draft = made(
        "When will the Tarn bridge open?",
        said("The Tarn bridge will open to traffic on 15 July.", "15 July", story="s"),
        said("The Tarn bridge will open to traffic on 18 July.", "18 July", outlet="L", story="s", score=2.5),
    )  # fmt: skip
    assert draft.short == "15 July"


def test_a_heading_that_asks_is_no_explanation() -> None:
    passage = "The levy fell. Why did it fall? Growers had refused to pay what was asked. What now? Nobody knows."
    best = said("The levy fell.", passage=passage)
    draft = made("Why did the levy fall?", best)
    assert draft.text == "The levy fell. [1]\nGrowers had refused to pay what was asked. [2]"


def test_a_reason_in_so_many_words_is_the_short_answer() -> None:
    best = said("The levy fell because growers had refused to pay.")
    assert made("Why did the levy fall?", best).short == "growers had refused to pay"


def test_a_quiz_or_a_link_does_not_stand_beside_the_answer() -> None:
    draft = made(
        "Who won the regatta?",
        said("Ida Brandt won the regatta on Sunday.", "Ida Brandt"),
        said("Who won the regatta that was held in the harbour?", outlet="Quiz", score=2.9),
        said("More:Ole Falk wins the sailing cup in the north", outlet="Links", score=2.8),
    )
    assert len(draft.spans) == 1


def test_a_date_in_the_next_sentence_answers_when() -> None:
    passage = (
        "Ships may use the port of Tarn once more. On Monday, 10 June, the port lifted its ban."
    )
    best = said("Ships may use the port of Tarn once more.", passage=passage, sure=0.0)
    draft = made("When did the port of Tarn open again?", best)
    assert draft.short == "10 June" and len(draft.spans) == 2


def test_a_weekday_gets_its_date() -> None:
    draft = made(
        "When was the levy dropped?",
        said("The levy was dropped on Friday.", "Friday", day="2031-06-08"),
    )
    assert draft.short == "Friday (6 June 2031)"
    draft = made("When was the levy dropped?", said("The levy was dropped on 6 June.", "6 June"))
    assert draft.short == "6 June"


def test_whether_something_is_so_has_no_short_answer() -> None:
    best = said("The council dropped the levy on Friday.", "Friday")
    assert made("Did the council drop the levy?", best).short is None
    assert made("Did the council drop the levy, and when was it dropped?", best).short is not None


def test_a_course_of_events_is_of_dated_sentences() -> None:
    draft = made(
        "What happened when in the Tarn talks?",
        said("Tarn talks.", outlet="A", score=3.0),
        said("The second round opened in the old mill on 30 May.", outlet="B", score=2.9),
        said("Two negotiations took place in one small town.", outlet="C", score=2.8),
        said("The first round closed without a deal on 16 May.", outlet="D", score=2.7),
        said("Both sides met again on Sunday for an hour.", outlet="E", score=2.6),
    )
    assert [line.partition(":")[0] for line in draft.text.splitlines()] == [
        "16 May 2031", "30 May 2031", "1 June 2031",
    ]  # fmt: skip


def test_a_name_is_completed_only_by_a_sentence_that_is_shown() -> None:
    led = "Vantar led the town's delegation at the talks."
    chosen = "The choice of the mayor's aide Mirel Vantar to head the delegation was a surprise."
    both = f"{chosen} {led}"
    best = said(led, "Vantar", passage=both, score=9.0)
    runner_up = said(chosen, "Mirel Vantar", passage=both, score=6.5)
    draft = made("Who led the town's delegation?", best, runner_up)
    assert draft.short == "Mirel Vantar" and draft.text == f"{chosen} [1]\n{led} [2]"
    far = said(chosen, "Mirel Vantar", passage=both, score=3.0)
    assert made("Who led the town's delegation?", best, far).text == f"{led} [1]\n{chosen} [2]"
    assert made("Who led the town's delegation?", best).short == "Vantar"


def test_values_of_other_times_are_told_as_such() -> None:
    text = "The Tarn bridge will open to traffic on"
    draft = made(
        "When will the Tarn bridge open?",
        said(f"{text} 15 July.", "15 July", outlet="Wire"),
        said(f"{text} 18 July.", "18 July", outlet="Ledger", day="2030-02-01", score=2.5),
    )
    assert draft.notes == ("the articles give different values, at different times",)


def test_a_weekday_that_may_be_after_the_article_gets_no_date() -> None:
    asked = "When did the Tarn bridge open?"
    # 2 June 2031 is a Monday
    assert made(asked, said("The Tarn bridge opened on Friday.", "Friday")).short == (
        "Friday (30 May 2031)"
    )
    assert made(asked, said("The Tarn bridge opened on Tuesday.", "Tuesday")).short == "Tuesday"


def test_a_course_of_events_says_who_he_is() -> None:
    first, second = "Ole Falk led the team.", "He resigned on 5 May 2031."
    draft = made(
        "timeline of the talks", said(second, passage=f"{first} {second}"), said(first, score=1.0)
    )
    assert f"5 May 2031: {first} {second}" in draft.text


def test_a_comparison_has_no_short_answer() -> None:
    draft = made(
        "Which was dearer, the old bridge or the new bridge?",
        said("The new bridge cost Tarn 9 million euros.", "9 million euros"),
    )
    assert draft.short is None


def test_a_weekday_beside_its_date_is_that_day() -> None:
    # 2 June 2031 is a Monday; the Saturday of a week before stands beside its date
    draft = made(
        "timeline of the flood",
        said("Saturday, 24 May: The river tops its banks in Tarn.", outlet="A"),
        said("The sluice had been left open (on 23 May, a Friday).", outlet="B", score=2.9),
        said("The mayor of Tarn said that the fares would be free on Sunday.", outlet="C", score=2.8),
    )  # fmt: skip
    assert [line.partition(":")[0] for line in draft.text.splitlines()] == [
        "23 May 2031", "24 May 2031", "8 June 2031",
    ]  # fmt: skip


def test_a_weekday_that_says_whose_is_no_day_of_the_event() -> None:
    draft = made(
        "timeline of the bid",
        said("The bid is a premium of 27 percent to Friday's close in Tarn.", outlet="A"),
        said("The mayor of Tarn turned it down on 5 May.", outlet="B", score=2.9),
        said("Brandt Lines walked away on 9 May.", outlet="C", score=2.8),
        said("The Marigold was sold to another on 12 May.", outlet="D", score=2.8),
    )  # fmt: skip
    assert "Friday" not in draft.text and len(draft.spans) == 3


def test_context_begins_behind_the_dateline() -> None:
    first, second = "TARN, June 2 (Wire) - Ole Falk was jailed.", "He had denied it on 5 May."
    draft = made("When did he deny it?", said(second, "5 May", passage=f"{first} {second}"))
    assert draft.text == f"Ole Falk was jailed. {second} [1]"


def test_what_happened_on_a_day_is_what_the_sentences_tell_of_it() -> None:
    on = asked_of(read_question("what happened on 30 may 2031?"))
    assert on
    friday = said("The talks in Tarn opened on Friday with a handshake.", outlet="A")
    lead = said("The old mill burned down and nobody was hurt.", outlet="B", day="2031-05-30")
    ahead = said("The bridge will open on 30 May, the mayor said.", outlet="C", day="2031-05-02")
    other = said("The talks had broken down on 16 May.", outlet="D")
    draft = happened([other, ahead, friday, lead], on)
    assert draft and draft.text.splitlines() == [
        f"{friday.text} (A, 2 June 2031) [1]", f"{lead.text} [2]",
    ]  # fmt: skip
    assert (only := happened([other, ahead], on)) and only.text == f"{ahead.text} [1]"
    assert happened([other], on) is None
    for asked in ("What happened on 30 May in Tarn?", "What happened in May?", "What happened?"):
        assert asked_of(read_question(asked)) is None


def test_the_oldest_value_comes_first_where_the_first_is_asked_for() -> None:
    new = said("Brandt Lines offered 455 pence a share for the Marigold.", "455 pence")
    old = said(
        "Brandt Lines offered 410 pence a share for the Marigold.", "410 pence",
        outlet="Ledger", day="2031-03-10", score=2.5,
    )  # fmt: skip
    asked = "How much did Brandt Lines {}offer for the Marigold?"
    assert made(asked.format("first "), new, old).short == "410 pence · 455 pence"
    assert made(asked.format(""), new, old).short == "455 pence · 410 pence"
