"""Readers: every format gives its article, and a bad file ends in one plain sentence."""

import csv
import gzip
import importlib.resources
import io
import json
import os
from pathlib import Path

import docx
import pytest

from index.clean import to_article
from index.errors import UnreadableFile
from index.readers import READERS, Failure, Record, read_file, supported

SAMPLE = Path(str(importlib.resources.files("eval") / "sample"))
SHARED = Path(os.environ.get("QA_SHARED", Path(__file__).parents[2] / "shared"))
NO_RECORDS = "JSON without articles (no field such as text, body or content)"
NO_COLUMN = "CSV without a text column (its first row names no text, body or content)"
BODY = "The mayor opened the new bridge on Friday. It took nine years to build, and cost 4 million."
MORE = (
    "Nobody was hurt when the ribbon was cut, although the band had been told to stand on the ice."
)

PAGE = f"""<html><head><title>A bridge opens | The Ferry</title>
<meta property="og:site_name" content="The Ferry">
<meta property="og:title" content="A bridge opens">
<meta property="article:published_time" content="2031-05-06T08:00:00Z">
<meta name="author" content="Jane Doe"><link rel="canonical" href="https://ferry.example/bridge">
</head><body><nav><a href="/">Home</a></nav>
<article><h1>A bridge opens</h1><p>{BODY}</p><p>{MORE}</p>
<p style="display:none">Secret words that nobody sees on the page.</p></article></body></html>"""

MARKDOWN = f"""---
title: "A bridge opens"
date: 2031-05-06
source: The Ferry
author: Jane Doe
---

# A bridge opens

**LISBON** — The mayor [opened](https://x.example) the *new* bridge on Friday. ![x](y.png)

- first item
- second `item`

| a | b |
|---|---|
| 1 | 2 |

## Why it matters

{MORE}
"""


MESSAGE = f"""From: Jane Doe <jane@ferry.example>
Subject: =?utf-8?q?A_bridge_opens?=
Date: Tue, 06 May 2031 08:00:00 +0200
Message-ID: <b1@ferry.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x

--x
Content-Type: text/plain; charset=utf-8

{BODY}

>From here on it is free.
--x
Content-Type: text/html

<p>Not this part</p>
--x--
""".encode()

RSS = f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Ferry</title>
<item><title>A bridge opens</title><link>https://ferry.example/bridge</link>
<pubDate>Tue, 06 May 2031 08:00:00 GMT</pubDate><dc:creator>Jane Doe</dc:creator>
<description>Only a teaser.</description>
<content:encoded><![CDATA[<p>{BODY}</p><p>{MORE} &amp; so on.</p>]]></content:encoded>
</item></channel></rss>""".encode()

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>The Ferry</title><entry>
<title type="html">A &lt;b&gt;bridge&lt;/b&gt; opens</title><link rel="self" href="https://x.example/"/>
<link href="https://ferry.example/bridge"/><updated>2031-05-09T08:00:00Z</updated>
<published>2031-05-06T08:00:00Z</published><author><name>Jane Doe</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{BODY}</p><p>{MORE}</p></div>
</content></entry></feed>""".encode()


def pdf(*pages: list[str]) -> bytes:
    """A small PDF; each page is lines of Helvetica, with 'size|', 'gap|' or 'foot|' in front."""
    objects: list[bytes] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    kids = []
    for lines in pages:
        drawn, y = [], 800
        for line in lines:
            size, _, text = line.rpartition("|")
            y = 40 if size == "foot" else y - (40 if size == "gap" else 15)
            points = int(size) if size.isdigit() else 11
            drawn.append(f"BT /F1 {points} Tf 60 {y} Td ({text}) Tj ET")
        stream = "\n".join(drawn).encode("latin-1")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        start,
    )


def word() -> bytes:
    document = docx.Document()
    document.add_heading("A bridge opens", 1)
    document.add_paragraph(BODY)
    document.add_paragraph("first item", style="List Bullet")
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "left", "right"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def records(*fields: dict) -> bytes:
    return "\n".join(json.dumps(each) for each in fields).encode()


def table(rows: list[dict], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


FIELDS = {
    "_id": "b1",
    "headline": "A bridge opens",
    "body": BODY,
    "pub_date": "May 6, 2031",
    "source": "The Ferry",
}
FILES = {
    "a.txt": f"A bridge opens\n\n{BODY}".encode(),
    "a.md": MARKDOWN.encode(),
    "a.markdown": MARKDOWN.encode(),
    "a.html": PAGE.encode(),
    "a.htm": PAGE.encode("utf-16"),
    "a.json": json.dumps(FIELDS).encode(),
    "a.jsonl": records(FIELDS),
    "a.ndjson": records(FIELDS),
    "a.csv": table([FIELDS]),
    "a.pdf": pdf(
        [
            "20|A bridge opens",
            "gap|The mayor opened the new bridge on Friday.",
            "It took nine years.",
        ]
    ),
    "a.docx": word(),
    "a.eml": MESSAGE,
    "a.mbox": b"From jane@ferry.example Tue May  6 08:00:00 2031\n" + MESSAGE,
    "a.rss": RSS,
    "a.xml": RSS,
    "a.atom": ATOM,
}


def read(path: Path, data: bytes) -> list:
    path.write_bytes(data)
    return list(read_file(path))


def reason(path: Path, data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(path, data)
    return caught.value.message


def test_every_format_has_a_row_here():
    assert {Path(name).suffix for name in FILES} == set(READERS)


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_its_article(name, tmp_path):
    (record,) = read(tmp_path / name, FILES[name])
    found = to_article(record, name)
    assert found.source.title == "A bridge opens"
    assert "The mayor opened the new bridge on Friday." in found.text.replace("\n", " ")
    assert "A bridge opens" not in found.text
    if name[2:] not in ("txt", "pdf", "docx", "eml", "mbox"):
        assert (found.source.publisher, found.source.published) == ("The Ferry", "2031-05-06")


@pytest.mark.parametrize("name", [name for name in FILES if name[2:] not in ("pdf", "docx")])
def test_gzip_of_the_text_formats(name, tmp_path):
    (record,) = read(tmp_path / f"{name}.gz", gzip.compress(FILES[name]))
    assert "bridge" in record.text


def test_supported():
    assert supported("x.TXT") and supported("x.jsonl.gz") and supported("a.b.md")
    assert not any(map(supported, ("x.pdf.gz", "x.exe", "txt", "x.gz", ".gz")))


def test_markdown_is_plain_text(tmp_path):
    (record,) = read(tmp_path / "a.md", FILES["a.md"])
    assert "LISBON — The mayor opened the new bridge on Friday." in record.text
    assert "- first item\n- second item" in record.text
    assert "a | b\n1 | 2" in record.text
    assert "\n\nWhy it matters\n\n" in record.text
    assert not any(sign in record.text for sign in ("**", "](", "---", "`", "y.png"))
    assert record.authors == ("Jane Doe",)


def test_a_page_says_what_it_is(tmp_path):
    (record,) = read(tmp_path / "a.html", FILES["a.html"])
    assert record.url == "https://ferry.example/bridge"
    assert record.authors == ("Jane Doe",)
    assert "Secret" not in record.text and "Home" not in record.text


def test_json_shapes(tmp_path):
    two = [FIELDS, {**FIELDS, "_id": "b2"}]
    for shape in (
        two,
        {"articles": two, "total": 2},
        {"response": {"docs": two}},
        {"b1": FIELDS, "b2": FIELDS},
    ):
        found = read(tmp_path / "a.json", json.dumps(shape).encode())
        assert [item.title for item in found] == ["A bridge opens"] * 2
    assert len(read(tmp_path / "a.json", records(*two))) == 2  # JSON lines by another name


def test_field_names(tmp_path):
    fields = {
        "Title": "A bridge opens",
        "content": f"<p>{BODY}</p><p>It&#8217;s open.</p><script>alert(1)</script>",
        "publishedAt": "2031-05-06T10:00:00Z",
        "link": "https://ferry.example/a",
        "source": {"id": None, "name": "The Ferry"},
        "authors": [{"name": "Jane Doe"}, "Pim Vos"],
        "doc_id": 17,
    }
    (record,) = read(tmp_path / "a.jsonl", records(fields))
    assert record.text == f"{BODY}\n\nIt’s open."
    assert (record.publisher, record.published, record.source_id) == (
        "The Ferry",
        "2031-05-06",
        "17",
    )
    assert record.authors == ("Jane Doe", "Pim Vos")
    (record,) = read(
        tmp_path / "a.jsonl", records({"text": BODY, "byline": "By Jane Doe and Pim Vos"})
    )
    assert record.authors == ("Jane Doe", "Pim Vos")


def test_one_bad_line_does_not_spoil_the_rest(tmp_path):
    data = b"\n".join(
        (b'{"text": ', records(FIELDS), b"", b"[1]", records({"title": "t", "text": " "}))
    )
    found = read(tmp_path / "a.jsonl", data)
    assert [type(item) for item in found] == [Failure, Record, Failure, Failure]
    assert [item.where for item in found] == ["line 1", "line 2", "line 4", "line 5"]
    assert found[3].reason == "no text"


def test_csv_with_other_signs_and_long_fields(tmp_path):
    long = {**FIELDS, "body": "word, " * 100_000}
    found = read(tmp_path / "a.csv", table([FIELDS, long], ";"))
    assert [item.source_id for item in found] == ["b1", "b1"]
    assert len(found[1].text) > 500_000


def test_pdf_pages_are_joined_without_heads_and_feet(tmp_path):
    head = "8|THE FERRY WEEKLY"
    pages = [
        [
            head,
            "gap|The harbour master has been asked to explain why the gates were left",
            "open through the night, when every ship in the basin was loaded with infor-",
            "mation leaflets about the new bridge and the tolls that are to be paid on",
            "foot|Page 1",
        ],
        [head, "gap|it from the first of May. He said that nobody had told him.", "foot|Page 2"],
        [head, "gap|A report is due in the summer.", "foot|Page 3"],
    ]
    (record,) = read(tmp_path / "a.pdf", pdf(*pages))
    assert "FERRY WEEKLY" not in record.text
    assert "loaded with information leaflets" in record.text
    assert "paid on it from the first of May." in record.text and "Page" not in record.text


def test_word_lists_and_tables(tmp_path):
    (record,) = read(tmp_path / "a.docx", FILES["a.docx"])
    assert "- first item" in record.text and "left | right" in record.text


def test_word_changes_controls_and_equal_cells(tmp_path):
    """What was inserted is there, what was deleted, moved away or hidden is not, and a row keeps its figures."""
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    document = docx.Document()
    parts = [
        run.format("The toll is "),
        f"<w:ins>{run.format('not ')}</w:ins>",
        "<w:del><w:r><w:delText>surely </w:delText></w:r></w:del>",
        f"<w:moveFrom>{run.format('once ')}</w:moveFrom>",
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secretly </w:t></w:r>",
        run.format("final."),
    ]
    paragraph = f"<w:p {w}>{''.join(parts)}</w:p>"
    control = f"<w:sdt {w}><w:sdtContent><w:p>{run.format(BODY)}</w:p></w:sdtContent></w:sdt>"
    for xml in (paragraph, control):
        document.element.body.insert(0, docx.oxml.parse_xml(xml))
    cells = document.add_table(1, 4).rows[0].cells
    for cell, text in zip(cells, ("Leeds", "2", "2", "5"), strict=True):
        cell.text = text
    out = io.BytesIO()
    document.save(out)
    (record,) = read(tmp_path / "a.docx", out.getvalue())
    assert record.text == f"{BODY}\n\nThe toll is not final.\nLeeds | 2 | 2 | 5"


@pytest.mark.parametrize("wanted", ["items", "articles"])
def test_a_feed_with_a_description_is_no_article(tmp_path, wanted):
    feed = {"title": "The Ferry", "description": "News of the quay", wanted: [FIELDS, FIELDS]}
    assert [r.text for r in read(tmp_path / "a.json", json.dumps(feed).encode())] == [BODY, BODY]


@pytest.mark.parametrize("sign", [";", "\t", "|", ","])
def test_a_quoted_header_and_names_with_blanks(tmp_path, sign):
    rows = [["Id", "Title", "Full Text"], ["1", "A bridge opens", BODY]]
    data = "\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows).encode()
    (record,) = read(tmp_path / "a.csv", data)
    assert (record.text, record.title, record.source_id) == (BODY, "A bridge opens", "1")


def test_a_message_whose_plain_part_is_blank_or_of_a_strange_charset(tmp_path):
    head = "From: a@b.example\nSubject: Quay\nMIME-Version: 1.0\n"
    both = (
        f"{head}Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n \n"
        f"--x\nContent-Type: text/html\n\n<p>{BODY}</p>\n--x--\n"
    )
    strange = f"{head}Content-Type: text/plain; charset=x-unheard-of\n\n{BODY}\n"
    for message in (both, strange):
        (record,) = read(tmp_path / "a.eml", message.encode())
        assert record.text.strip() == BODY


@pytest.mark.parametrize(
    "said", ["© 2021 The Ferry", "The fire of 12 March 2009 is not forgotten."]
)
def test_a_page_without_a_day_gets_none(tmp_path, said):
    page = f"<html><body><article><p>{BODY}</p><p>{MORE}</p></article><p>{said}</p></body></html>"
    (record,) = read(tmp_path / "a.html", page.encode())
    assert record.published is None


def test_one_record_of_an_odd_kind_does_not_end_the_others(tmp_path):
    deep = "[" * 600 + '"x"' + "]" * 600
    odd = '{"text": ' + deep + "}"
    slug = json.dumps({"text": BODY, "url": "http://[example/some-long-slug-title"})
    (tmp_path / "a.jsonl").write_text(f"{odd}\n{slug}\n{json.dumps(FIELDS)}\n")
    found = list(read_file(tmp_path / "a.jsonl"))
    texts = [to_article(r, "a.jsonl").text for r in found if isinstance(r, Record)]
    assert texts[-2:] == [BODY, BODY]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Café £5".encode("latin-1"), "Café £5"),
        ("Café".encode("utf-8-sig"), "Café"),
        ("Café".encode("utf-16"), "Café"),
        (("word " * 50 + "Café ").encode() * 3 + b"\xff", "Café"),
    ],
)
def test_encodings(data, expected, tmp_path):
    (record,) = read(tmp_path / "a.txt", data)
    assert expected in record.text and "\ufeff" not in record.text


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"", "empty file"),
        ("a.txt", b" \n\t", "empty file"),
        ("a.txt", b"abc\0def" * 50, "not a text file"),
        ("a.json", b'{"text": "x"', "not valid JSON (line 1)"),
        ("a.json", b"[" * 100_000, "JSON nested too deeply"),
        ("a.json", b'{"name": "package", "version": 1}', NO_RECORDS),
        ("a.jsonl", b"nonsense\nmore nonsense", "not valid JSON (line 1)"),
        ("a.csv", b"x,y\n1,2\n", NO_COLUMN),
        ("a.pdf", b"no pdf", "damaged or not a PDF"),
        ("a.pdf", pdf([]), "PDF holds no text (scanned images?)"),
        ("a.docx", b"no zip", "damaged or not a Word document"),
        ("a.txt.gz", gzip.compress(b"word " * 100_000)[:-20], "damaged gzip file"),
        ("a.txt.gz", b"no gzip", "damaged gzip file"),
        ("a.txt.gz", gzip.compress(b"a" * 60_000_000), "unpacks to too much data"),
        ("a.html", b"<html><body></body></html>", "the page holds no text"),
        ("a.exe", b"MZ", "not a format that is read"),
        ("a.xml", b"<a>x</a>", "XML that is no RSS or Atom feed"),
        ("a.rss", b"nothing", "damaged or not XML"),
        ("a.mbox", b"hello", "no mailbox: its first line is no 'From ' line"),
        ("a.eml", b"Subject: x\n\n", "the message holds no text"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_plain_sentence(name, data, expected, tmp_path):
    assert reason(tmp_path / name, data) == expected


def test_encrypted_pdf(tmp_path):
    data = pdf(["Hello there"]).replace(
        b"/Root 1 0 R", b"/Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2/O<00>/U<00>/P -4>>"
    )
    assert reason(tmp_path / "a.pdf", data) == "encrypted PDF"


def test_special_files_are_refused(tmp_path):
    (tmp_path / "d.txt").mkdir()
    os.mkfifo(tmp_path / "f.txt")
    for name in ("d.txt", "f.txt"):
        with pytest.raises(UnreadableFile):
            list(read_file(tmp_path / name))
    with pytest.raises(UnreadableFile, match="no such file"):
        list(read_file(tmp_path / "absent.txt"))


def test_a_cut_archive_gives_what_it_has(tmp_path):
    lines = [{**FIELDS, "_id": os.urandom(400).hex()} for _ in range(3000)]
    data = gzip.compress(records(*lines))
    found = read(tmp_path / "a.jsonl.gz", data[: len(data) * 3 // 4])
    assert len(found) > 1000 and isinstance(found[0], Record)
    assert isinstance(found[-1], Failure) and "damaged gzip" in found[-1].reason


def test_hostile_pages_do_not_crash(tmp_path):
    for data in (
        b"<div>" * 100_000 + BODY.encode(),
        ("<p>" + "&#27;]52;c;AA&#7;&#x9b;" * 50 + BODY).encode(),
        b"<meta charset=utf-7>+ADw-script+AD4-" + BODY.encode(),
    ):
        try:
            found = [to_article(record, "a.html") for record in read(tmp_path / "a.html", data)]
        except UnreadableFile:
            continue
        assert all("\x1b" not in item.text and "<script" not in item.text for item in found)


def sample_articles() -> dict:
    """The sample corpus by the ids that its questions use: the record's own, or the path."""
    root, found = SAMPLE / "articles", {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            name = path.relative_to(root).as_posix()
            for record in read_file(path):
                assert isinstance(record, Record), record
                found[record.source_id or name] = to_article(record, name)
    return found


def test_the_sample_corpus_holds_every_gold_quote():
    articles = sample_articles()
    flat = {name: " ".join(item.text.split()) for name, item in articles.items()}
    missing = []
    for line in (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        for quote in case.get("quotes", ()):
            if not any(" ".join(quote.split()) in flat[name] for name in case["evidence"]):
                missing.append((case["id"], quote))
    assert not missing


def test_the_sample_corpus_is_described_and_clean():
    articles = sample_articles()
    assert len({item.source.article_id for item in articles.values()}) == len(articles)
    for name, item in articles.items():
        assert item.source.publisher and item.source.title and "…" not in item.source.title[:40], (
            name
        )
        assert item.source.published or name == "northline/istanbul-round-two.txt", name
        assert "Advertisement" not in item.text and "Related article" not in item.text, name
        assert "http" not in item.text and "www." not in item.text, name
        assert (
            item.text == item.text.strip() and "\n\n\n" not in item.text and "  " not in item.text
        )


needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the shared test material (QA_SHARED=DIR)"
)


@needs_shared
def test_the_two_scraped_articles():
    paths = sorted((SHARED / "articles").glob("*.txt"))
    one, two = (to_article(next(read_file(path)), path.name) for path in paths)
    assert (one.source.publisher, one.source.published) == ("The Moscow Times", "2025-05-13")
    assert (two.source.publisher, two.source.published) == ("Bloomberg", "2025-05-31")
    assert one.source.url and one.source.url.endswith("-a89063")
    for item in (one, two):
        assert "“" in item.text
        assert not any(
            word in item.text for word in ("Advertisement", "Related article", "http", "©")
        )


@needs_shared
@pytest.mark.slow
def test_every_article_of_a_large_archive_is_read():
    path = SHARED / "data/news_qa/articles_2022.jsonl.gz"
    found = [to_article(record, path.name) for record in read_file(path)]
    assert len(found) == len({item.source.article_id for item in found}) == 4758
    assert all(item.source.published and item.text for item in found)


@pytest.mark.parametrize("name", ["a.rss", "a.atom", "a.eml", "a.mbox"])
def test_feeds_and_mail_carry_their_metadata(name, tmp_path):
    (record,) = read(tmp_path / name, FILES[name])
    assert (record.title, record.published) == ("A bridge opens", "2031-05-06")
    assert record.authors == ("Jane Doe",)
    assert record.text.startswith(BODY) and "<" not in record.text
    if name in ("a.rss", "a.atom"):
        assert (record.url, record.publisher) == ("https://ferry.example/bridge", "The Ferry")
        assert record.text.startswith(f"{BODY}\n\n{MORE}")
    else:
        assert record.source_id == "b1@ferry.example"


def test_a_feed_resolves_no_entities(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET-1")
    head = f'<!DOCTYPE r [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY t "EXPANDED">]>'.encode()
    (record,) = read(tmp_path / "a.xml", RSS.replace(b"<rss", head + b"<rss", 1).replace(
        b"Only a teaser", b"&s;&t; teaser").replace(b"content:encoded", b"content:other"))  # fmt: skip
    assert "SECRET" not in record.text and "EXPANDED" not in record.text


def test_a_mailbox_holds_many_messages(tmp_path):
    one = FILES["a.mbox"]
    broken = b"From x Tue May  6 08:00:00 2031\nSubject: empty\n\n\n"
    found = read(tmp_path / "a.mbox", one + b"\n" + broken + one)
    assert [type(item) for item in found] == [Record, Failure, Record]
    assert found[1].where == "message 2"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding, tmp_path):
    (record,) = read(tmp_path / "a.txt", f"{BODY} A café.".encode(encoding))
    assert record.text == f"{BODY} A café."


def columns(rows: list[tuple[str, str]], *, by_row: bool) -> bytes:
    """A page of two columns between a head and a page number, its text written row by row or not."""
    left = [f"1 0 0 1 60 {760 - 14 * n} Tm ({a}) Tj" for n, (a, _) in enumerate(rows)]
    right = [f"1 0 0 1 310 {760 - 14 * n} Tm ({b}) Tj" for n, (_, b) in enumerate(rows)]
    order = [x for pair in zip(left, right, strict=True) for x in pair] if by_row else left + right
    head = ["1 0 0 1 60 815 Tm (THE FERRY) Tj", "1 0 0 1 290 25 Tm (7) Tj"]
    drawn = "BT /F1 10 Tf " + "\n".join(head + order) + " ET"
    return pdf(["@"]).replace(b"BT /F1 11 Tf 60 785 Td (@) Tj ET", drawn.encode())


@pytest.mark.parametrize("by_row", [True, False], ids=["by row", "by column"])
def test_columns_are_read_one_after_the_other(by_row, tmp_path):
    left = (
        "The harbour master has been asked to|explain why the gates were left open at|"
        "night, when every ship in the whole basin|was loaded with leaflets about the infor-|"
        "mation office, which has been opened by|the mayor on Friday and will be closed on"
    ).split("|")
    right = (
        "Monday, since nobody had asked for it to|be opened. Its only visitor, a pilot who|"
        "had lost his way, was given a map of the|old town and a cup of coffee, and left a|"
        "quarter of an hour later in a ship which|was bound for the islands of the north."
    ).split("|")
    data = columns(list(zip(left, right, strict=True)), by_row=by_row)
    (record,) = read(tmp_path / "a.pdf", data)
    expected = " ".join(left + right).replace("infor- mation", "information")
    assert " ".join(record.text.replace("THE FERRY", "").split()) == expected


def test_rows_of_a_table_stay_rows(tmp_path):
    rows = [(f"Harbour {n}", f"{n * 100} ships") for n in range(1, 9)]
    (record,) = read(tmp_path / "a.pdf", columns(rows, by_row=True))
    assert "Harbour 3 300 ships" in record.text
