"""Cleaning: what is kept out of an article's text, and what its lines say about it."""

import pytest

from index.boilerplate import is_dropped
from index.clean import article_id, repair, to_article
from index.dates import find_date, find_name_date, parse_date
from index.masthead import read_dateline
from index.outlets import slug, tidy_outlet
from index.record import Record

BODY = "The mayor opened the new bridge on Friday. It took nine years to build, and cost 4 million."


def article(text: str, path: str = "a.txt", **fields):
    return to_article(Record(text=text, **fields), path)


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "ADVERTISEMENT - SCROLL TO CONTINUE",
        "Related article: The long road to the bridge",
        "Read more: Who pays for the bridge?",
        "Sign up for our Morning Ferry newsletter",
        "Share on Facebook Twitter Email",
        "Share this article",
        "Facebook | Twitter | WhatsApp",
        "This site uses cookies to give you the best experience.",
        "This article was generated from an automated feed without changes to text.",
        "Story continues below",
        "(Reporting by Ana Duarte; editing by Pim Vos)",
        "More at www.harbour.example/news",
        "We use cookies to improve your experience.",
        "— CNN's Ana Duarte and Pim Vos contributed to this report.",
        "With additional reporting by Ana Duarte.",
        "With assistance from Ana Duarte, Jo O’Neil and Li Wei.",
        "DAILY MONEY NEWSLETTER: Money tips delivered right to your inbox. Sign up here",
        "Want The Short List in your inbox each day? Sign up here.",
        "Get Ferry Health's weekly newsletter Sign up here to get the results every Tuesday.",
        "Follow Ana Duarte on Twitter: @anaduarte",
        "Contact Ana Duarte at 313-555-0149 or ana@ferry.example. Follow her on Twitter @ana.",
        "© CNBC is a USA TODAY content partner offering financial news and commentary.",
        "New York CNN Business —",
    ],
)
def test_boilerplate_is_kept_out_but_stays_in_the_original(line):
    found = article(f"A bridge opens\n\n{BODY}\n\n{line}\n\nNobody was hurt that day.")
    assert found.text == f"{BODY}\n\nNobody was hurt that day."
    assert line in found.original


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement spending fell by a tenth, the agency said.",
        "Share prices rose on Monday.",
        "Related costs are borne by the city.",
        "Post offices will close on Monday.",
        "We are reading more books than ever.",
        "Subscribers must register with the police.",
        "Email was first sent in 1971.",
        "Copyright law is changing, says the minister.",
        "X marks the spot.",
        "Contact with the ferry was lost at 4 a.m.",
        "The storm contributed to this year's losses.",
        "A sheet on which to sign up hung in the hall, with room for an e-mail address.",
        "Because I could not stop for Death —",
        "With assistance from Red Cross volunteers, the town was rebuilt.",
    ],
)
def test_sentences_of_the_body_stay(line):
    assert not is_dropped(line)
    assert line in article(f"A bridge opens\n\n{BODY}\n\n{line}\n\nThe end came soon.").text


def test_hard_wraps_are_joined():
    text = (
        "The ferry that used to carry the workers of the island to the harbour every day has been\n"
        "taken out of service. Its last captain, who had steered it for thirty-one years, said he\n"
        "would miss the coffee most of all.\n"
        "\n"
        "A new boat, twice as fast and much less comfortable, will start in May. It was made by\n"
        "Norway and has room for two hundred people and their bicycles.\n"
    )
    paragraphs = article(text).text.split("\n\n")
    assert len(paragraphs) == 2
    assert all("\n" not in paragraph for paragraph in paragraphs)
    assert "every day has been taken out of service." in paragraphs[0]


def test_a_broken_compound_keeps_its_hyphen():
    text = (
        "The two men met on the bridge on Monday for what their spokesmen called a frank face-to-\n"
        "face meeting about the price of salt and the state of the roads which lead to the port.\n"
        "They will meet again in a month, when the roads are dry and the salt has been weighed.\n"
    )
    assert "face-to-face meeting" in article(text).text


@pytest.mark.parametrize(
    "block",
    [
        "- three loaves of bread\n- two pounds of cheese\n- one bottle of the local wine",
        "1. Open the box.\n2. Take out the key.\n3. Close the box again.",
        "The river runs,\nThe river slows,\nAnd where it went\nNobody knows.",
        "Q: Is it over?\nA: It is over, as far as anybody here can tell.",
    ],
)
def test_lists_and_verse_keep_their_lines(block):
    wrapped = (
        "The ferry that used to carry the workers of the island to the harbour every day has been\n"
        "taken out of service. Its last captain, who had steered it for thirty-one years, said he\n"
        "would miss the coffee most of all, and that he had written down the following for it:"
    )
    assert block in article(f"{wrapped}\n\n{block}\n\n{wrapped}").text


def test_paragraphs_on_single_lines_are_parted():
    one, two = BODY + " " + BODY, "Nobody was hurt. " * 8
    assert article(f"{one}\n{two}").text == f"{one}\n\n{two.strip()}"


def test_repair_mends_mojibake_and_keeps_curly_quotes():
    assert repair("Itâ€™s a cafÃ©, â€œhe saidâ€\x9d") == "It’s a café, “he said”"
    assert repair("“Curly” and ‘single’ stay; ﬁne becomes fine") == (
        "“Curly” and ‘single’ stay; fine becomes fine"
    )
    assert repair("São Paulo, Ångström, Être") == "São Paulo, Ångström, Être"
    assert "\x1b" not in repair("a\x1b]0;x\x07b") and "\u202e" not in repair("a\u202eb")


def test_a_leading_date_is_metadata():
    found = article(f" date 2031-05-06 {BODY}\n\nAdvertisement\n\n©2031 Harbour Press L.P.")
    assert found.text == BODY
    assert (found.source.published, found.source.publisher) == ("2031-05-06", "Harbour Press")
    assert found.source.title == "The mayor opened the new bridge on Friday. It took nine years…"


def test_an_address_broken_over_two_lines():
    found = article(
        f"{BODY}\n\nOriginal url:\nhttps://www.harbour.example/2031/05/06/mayor-opens-the-new-brid\n"
        "ge-on-friday-n1234\n\nhttps://www.harbour.example/other\nhttps://www.harbour.example/more\n"
    )
    source = found.source
    assert source.url == (
        "https://www.harbour.example/2031/05/06/mayor-opens-the-new-bridge-on-friday-n1234"
    )
    assert (source.published, source.publisher) == ("2031-05-06", "harbour.example")
    assert source.title == "Mayor opens the new bridge on Friday"
    assert found.text == BODY


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("The Ferry | 22 July 2031 | Jane Doe\n\nA bridge opens\n\n", ("The Ferry", "Jane Doe")),
        (
            "THE DAILY FERRY\nTuesday, 22 July 2031\n\nA bridge opens\n\nBy Jane Doe\n\n",
            ("The Daily Ferry", "Jane Doe"),
        ),
        ("A bridge opens\n\nThe Ferry, 22 July 2031. By Jane Doe\n\n", ("The Ferry", "Jane Doe")),
        ("A bridge opens\nJuly 22, 2031\n\n", (None, None)),
        ("A bridge opens\n\nBy Jane Doe\nPublished: July 22, 2031 10:15\n\n", (None, "Jane Doe")),
        (
            "Title: A bridge opens\nSource: The Ferry\nDate: 2031-07-22\nAuthor: Jane Doe\n\n",
            ("The Ferry", "Jane Doe"),
        ),
    ],
)  # fmt: skip
def test_mastheads(top, expected):
    found = article(top + BODY)
    assert found.text == BODY
    source = found.source
    assert source.title == "A bridge opens"
    assert source.published == "2031-07-22"
    assert (source.publisher, next(iter(source.authors), None)) == expected


def test_a_first_sentence_is_no_masthead():
    text = "By noon on 5 May 2031 the square was full.\n\nNobody spoke. " + BODY
    assert article(text).text == text


def test_a_date_line_names_agency_and_day_and_stays():
    found = article(f"LISBON, May 6, 2031 (Ferry Wire) - {BODY}")
    assert (found.source.publisher, found.source.published) == ("Ferry Wire", "2031-05-06")
    assert found.text.startswith("LISBON")
    assert read_dateline("MEXICO CITY (AP) — Growth slowed.")["agency"] == "AP"
    assert read_dateline("NATO - the alliance - met.") is None


def test_record_metadata_wins_over_the_text():
    found = article(
        f"The Ferry | 22 July 2031\n\nA bridge opens\n\n{BODY}",
        title="A bridge opens",
        publisher="Wire",
        published="2031-07-23",
    )
    assert found.text == BODY
    assert (found.source.publisher, found.source.published) == ("Wire", "2031-07-23")


def test_outlets_by_address():
    by_url = article(BODY, url="https://edition.cnn.com/2031/05/06/x/index.html", title="T - CNN x")
    assert by_url.source.publisher == "CNN"
    assert (
        article(BODY, url="https://www.nowhere.example/x", title="T").source.publisher
        == "nowhere.example"
    )
    named = article("The Copper Kettle said so. " + BODY, url="https://copperkettle.example/x")
    assert named.source.publisher == "The Copper Kettle"
    assert article(BODY, url="javascript:alert(1)", title="T").source.url is None
    assert tidy_outlet("THE DAILY FERRY") == "The Daily Ferry" and tidy_outlet("CNN") == "CNN"
    titled = article(BODY, title="A bridge opens - CNN", url="https://cnn.com/a")
    assert titled.source.title == "A bridge opens"


def test_ids_are_stable_and_readable():
    fields = {"title": "A bridge opens", "publisher": "The Daily Ferry", "published": "2031-05-06"}
    one = article(BODY, "here/a.txt", **fields)
    two = article(BODY, "there/2030-01-01.txt", **fields)
    assert one.source.article_id == two.source.article_id
    assert one.source.article_id.startswith("dailyferry-2031-05-06-")
    assert len(one.source.article_id.rsplit("-", 1)[1]) == 8
    assert article("Just a note to myself, and no more than that").source.article_id.startswith(
        "article-"
    )
    assert article_id(None, None, "https://a.example/x", None, "t", "x") == article_id(
        None, None, "https://a.example/x/#top", None, "u", "y"
    )
    assert slug(None, "https://www.ferry.co.uk/x") == "ferry"


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2031-05-06", "2031-05-06"),
        ("2031-05-06T23:30:00-05:00", "2031-05-06"),
        ("2031/5/6", "2031-05-06"),
        ("20310506", "2031-05-06"),
        ("May 6, 2031", "2031-05-06"),
        ("6 May 2031, 22:40", "2031-05-06"),
        ("Tue, 06 May 2031 08:00:00 GMT", "2031-05-06"),
        ("05/06/2031", "2031-05-06"),
        ("26/05/2031", "2031-05-26"),
        (1715000000, "2024-05-06"),
        ("1715000000000", "2024-05-06"),
        ("May 2031", None),
        ("yesterday", None),
        ("2031-13-40", None),
        ("", None),
        (None, None),
        (True, None),
        ("9" * 70, None),
    ],
)
def test_dates(value, day):
    assert parse_date(value) == day


def test_dates_in_addresses_and_names():
    assert find_date("https://a.example/2031/05/06/x") == "2031-05-06"
    assert find_date("https://a.example/x-20310506999") is None
    assert find_name_date("2031-05-06-bridge.txt") == "2031-05-06"
    assert find_name_date("000_6985288c84105579.txt") is None


def test_slow_patterns():
    for line in ("share " * 30 + "!", "reporting by " + "a" * 180, "©" + "A." * 70, "a-" * 5000):
        article(f"{BODY}\n\n{line}\n\n{BODY}")


def test_a_stanza_among_wrapped_prose():
    prose = (
        "The delegates who had come from both sides of the river sat down on Monday for a second\n"
        "round of talks, which one of them described as constructive but difficult. Nothing was\n"
        "signed, and one delegate read a poem at the end of the day, which he had learnt by heart:"
    )
    stanza = "The river runs,\nthe river slows,\nand where it went\nnobody knows."
    found = article(f"THE FERRY\n{prose}\n\n{stanza}\n\n{stanza}\n\n{prose}").text
    assert found.count("sat down on Monday for a second round of talks, which one") == 2
    assert found.count(stanza) == 2


def test_a_title_from_an_address_has_the_capitals_of_the_text():
    text = "ISTANBUL, June 2 (Reuters) — The UN sent the envoy Duarte.\n\n"
    address = "https://harbour.example/world/un-sends-duarte-to-istanbul-2031-06-02/"
    found = article(f"{text}{BODY}\n\nOriginal url:\n{address}\n")
    assert found.source.title == "UN sends Duarte to Istanbul"
    assert (found.source.published, found.source.publisher) == ("2031-06-02", "harbour.example")


def test_an_author_named_twice_is_one():
    assert article(BODY, authors=("Jane Doe", "JaneDoe")).source.authors == ("Jane Doe",)
