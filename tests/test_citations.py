"""Markers, quotes and sentences are checked by code, whoever wrote the answer."""

import time

import pytest

from index.errors import UsageError
from index.types import Hit, Passage, Source
from qa.citations import NO_QUOTE, NO_SOURCE, check
from qa.quotations import unfounded
from qa.types import Draft, Span

ARTICLES = {
    "talks": (
        "Istanbul, 16 May. Vladimir Medinsky led the Russian delegation. "
        "The talks lasted less than two hours. “We are ready to continue contacts,” he said. "
        "Each side will hand over 1,000 prisoners of war."
    ),
    "bridge": (
        "The Key Bridge fell at 1:28 a.m. Six workers died. The rebuilding will cost $1.7 billion, "
        "the state said. Zoë Müller called it “the hardest job — by far — of my life”."
    ),
}
START = {"talks": 18, "bridge": 0}  # the passage of "talks" is not the beginning of its article


def hits() -> list[Hit]:
    found = []
    for rank, (name, text) in enumerate(ARTICLES.items(), 1):
        passage = Passage(
            f"{name}#0",
            Source(name, f"About the {name}"),
            START[name],
            len(text),
            text[START[name] :],
        )
        found.append(Hit(rank, 0.5, passage))
    return found


def checked(text: str, **more):
    result = check(Draft(text, **more), hits(), ARTICLES.__getitem__)
    for citation in result.citations:  # the promise that nothing may break
        stored = ARTICLES[citation.source.article_id]
        assert citation.verified and stored[citation.start : citation.end] == citation.quote
        assert f"[{citation.number}]" in result.text
    assert [c.number for c in result.citations] == list(range(1, len(result.citations) + 1))
    return result


def quotes(result) -> list[str]:
    return [citation.quote for citation in result.citations]


def test_a_sentence_is_tied_to_the_one_that_supports_it():
    result = checked("Medinsky led Russia's delegation [1]. It took under two hours [1].")
    assert result.text == "Medinsky led Russia's delegation [1]. It took under two hours [2]."
    assert quotes(result) == [
        "Vladimir Medinsky led the Russian delegation.",
        "The talks lasted less than two hours.",
    ]
    assert result.dropped == 0 and result.notes == ()


def test_one_number_for_one_sentence():
    result = checked("Medinsky led it [1]. Vladimir Medinsky, that is [1].")
    assert result.text == "Medinsky led it [1]. Vladimir Medinsky, that is [1]."
    assert len(result.citations) == 1


def test_numbers_by_first_appearance():
    result = checked("The rebuilding costs $1.7 billion [2]. Medinsky led the talks [1].")
    assert [c.source.article_id for c in result.citations] == ["bridge", "talks"]


@pytest.mark.parametrize(
    "marker",
    ["[1, 2]", "[1][2]", "[1] [2]", "[1-2]", "[1–2]", "[1 and 2]", "[1, and 2]", "[passage 1, passage 2]",
     "(passages 1 and 2)"],
)  # fmt: skip
def test_several_in_one_place(marker):
    result = checked(f"A delegation and six workers {marker}.")
    assert result.text == "A delegation and six workers [1][2]."


@pytest.mark.parametrize(
    "marker",
    ["【2】", "【2†source】", "[Passage 2]", "[source 2]", "[^2]", "[[2]]", "[#2]", "[source: 2]", "[doc 2]",
     "(passage 2)", "［2］"],
)  # fmt: skip
def test_other_ways_to_write_it(marker):
    assert checked(f"Six workers died {marker}.").text == "Six workers died [1]."


def test_a_link_behind_a_marker_goes():
    assert checked("Six died [2](https://evil.example/x).").text == "Six died [1]."


def test_unknown_markers_are_dropped_and_counted():
    result = checked("Six workers died [2][7]. Nobody else [99].")
    assert result.text == "Six workers died [1]. Nobody else."
    assert result.dropped == 2
    assert result.notes == ("2 citations of passages that do not exist left out",)
    assert checked("Six workers died [0][2].").dropped == 1
    assert checked("Six workers died [1-900][2].").dropped == 1


def test_what_is_no_marker_stays():
    text = "In [2025] he said [sic] (article 2) (1) that [see [2]] six workers died"
    assert (
        checked(text).text
        == "In [2025] he said [sic] (article 2) (1) that [see [1]] six workers died"
    )


def test_each_clause_has_its_own_evidence():
    result = checked("Medinsky led the delegation [1], and 1000 prisoners will be handed over [1].")
    assert quotes(result)[1].startswith("Each side will hand over 1,000")


def test_a_marker_after_the_full_stop_and_one_before_the_line():
    result = checked("Six workers died. [2]\n- [1] Medinsky led it.\n[2] It cost $1.7 billion.")
    assert quotes(result)[0] == "Six workers died."
    assert "1.7 billion" in quotes(result)[2]
    assert result.text.endswith("\n[3] It cost $1.7 billion.")


def test_names_without_their_accents():
    assert "Zoë" in quotes(checked("Zoe Muller spoke of the job [2]."))[0]


def test_a_citation_that_has_nothing_to_do_with_it_is_noted():
    result = checked("Bananas grow quickly [1].")
    assert len(result.citations) == 1
    assert "shares no word" in result.notes[0]


@pytest.mark.parametrize(
    "quote",
    [
        "“We are ready to continue contacts,”",
        '"we are ready to continue contacts."',
        "«We are ready to\n continue contacts»",
        "“We are … to continue contacts”",
        "“[They] are ready to continue contacts”",
        "“the hardest job - by far - of my life”",
        "“About the bridge”",
        "“two hours”",
        "'We are ready to continue contacts'",
    ],
)
def test_quotes_that_are_there(quote):
    assert NO_QUOTE not in checked(f"He said {quote} [1].").text


@pytest.mark.parametrize(
    "quote",
    [
        "“We are ready to end contacts”",
        '"We are not ready to continue contacts"',
        "“to continue contacts … we are ready”",
        "“e are ready to continue”",
        "„Alles ist jetzt bereit“",
        "'we aren't ready to continue contacts'",
    ],
)
def test_quotes_that_are_not(quote):
    result = checked(f"He said {quote} [1].")
    assert result.text == f"He said {quote} {NO_QUOTE} [1]."
    assert result.notes[0] == "a quotation is in none of the sources"


def test_a_merged_quote_is_marked():
    merged = "“Vladimir Medinsky led the Russian delegation less than two hours”"
    assert NO_QUOTE in checked(f"{merged} [1].").text


def test_apostrophes_are_no_quotes():
    assert unfounded("It's the talks' end and the delegates' wish, he's sure", []) == []
    assert unfounded("a hit of the '90s, said the players' union", []) == []


def test_no_markers_but_strong_support():
    result = checked("Vladimir Medinsky led the Russian delegation. Bananas are yellow.")
    assert result.text == "Vladimir Medinsky led the Russian delegation. [1] Bananas are yellow."
    assert "named no sources" in result.notes[0]


def test_no_markers_and_no_support():
    result = checked("Bananas are yellow.")
    assert (result.text, result.citations) == ("Bananas are yellow.", ())
    assert result.notes == ("no source given",)


def test_abstaining_needs_no_source():
    result = checked("", abstained=True, reason="nothing found", notes=("kept",))
    assert (result.text, result.notes) == ("", ("kept",))


def span(article: str, text: str) -> Span:
    start = ARTICLES[article].index(text)
    return Span(f"{article}#0", start, start + len(text))


def test_spans_are_quoted_as_they_are():
    spans = (span("bridge", "Six workers died"), span("talks", "Vladimir Medinsky"))
    result = checked("Medinsky [2]. Six [1].", spans=spans)
    assert result.text == "Medinsky [1]. Six [2]."
    assert quotes(result) == ["Vladimir Medinsky", "Six workers died"]
    assert checked("Three [3]. Of [1].", spans=spans).dropped == 1


@pytest.mark.parametrize(
    "bad", [Span("talks#0", 18, 99_999), Span("gone#0", 0, 5), Span("talks#0", 40, 40)]
)
def test_a_span_that_does_not_verify_is_marked(bad):
    result = checked("Medinsky [1].", spans=(bad,))
    assert result.text == f"Medinsky {NO_SOURCE}."
    assert result.citations == ()


@pytest.mark.parametrize("stored", ["", "Another text by now. " * 20, None])
def test_an_article_that_changed_or_went_is_not_cited(stored):
    def article_text(_: str) -> str:
        if stored is None:
            raise UsageError("gone")
        return stored

    for draft in (Draft("Six died [2]."), Draft("Six [1].", spans=(span("bridge", "Six"),))):
        result = check(draft, hits(), article_text)
        assert result.citations == () and NO_SOURCE in result.text


def test_no_hits():
    assert check(Draft("Who knows [1]."), [], ARTICLES.__getitem__).text == "Who knows."


@pytest.mark.parametrize(
    "text",
    [
        "a" + " " * 100_000 + "b",
        "[" * 100_000,
        "[ " * 50_000,
        "[1" + " " * 100_000,
        "【1†" * 25_000,
        "[1" + ",  1" * 29 + "x" + "[1 , and  passage  1" * 5_000,
        "six died [2]. " * 5_000,
        "“a b c " * 20_000,
        "“a b c" + " -" * 50_000 + "”",
        "“a b c" + "[" * 50_000 + "”",
        ". " * 50_000,
    ],
    ids=range(11),
)
def test_a_text_made_to_be_slow_is_not(text):
    began = time.process_time()  # a busy machine is no fault
    checked(text)
    assert time.process_time() - began < 5
