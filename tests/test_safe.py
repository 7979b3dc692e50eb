"""Nothing that steers a terminal gets through the gate."""

import json
import unicodedata

import pytest
from conftest import SHARED
from hypothesis import given
from hypothesis import strategies as st

from index.safe import safe


def harmless(text: str) -> bool:
    return all(
        c in "\t\n\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")
        for c in text
    )


def test_escape_codes_become_visible() -> None:
    assert safe("a\x1b]52;c;aGk=\x07b") == "a␛]52;c;aGk=␇b"
    assert safe("one\r\ntwo\rthree\u2028four") == "one\ntwo\nthree\nfour"
    assert safe("abc\u202edef\u200b\U000e0041") == "abcdef"
    assert safe("one\ntwo", newlines=False) == "one two"


def test_scripts_and_emoji_stay() -> None:
    for text in ("Çırağan Sarayı", "می‌خواهم", "👩‍👩‍👧", "“quoted” – €5 – naïve"):
        assert safe(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_any_text_becomes_harmless_once_and_for_all(text: str) -> None:
    cleaned = safe(text)
    # Arabic number signs and a few others of category Cf are visible letters of their scripts.
    assert harmless("".join(c for c in cleaned if ord(c) < 0x500 or 0x2000 <= ord(c) <= 0x2FFF))
    assert safe(cleaned) == cleaned
    cleaned.encode("utf-8")


def test_recorded_payloads() -> None:
    if not SHARED.is_dir():
        pytest.skip("the recorded payloads are not here")
    count = 0
    for file in ("terminal_payloads.jsonl", "unicode_payloads.jsonl"):
        for line in (SHARED / "security" / file).read_text(encoding="utf-8").splitlines():
            payload = json.loads(line)
            for value in payload.values():
                if isinstance(value, str):
                    out = safe(value)
                    assert not any(
                        (ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) < 0xA0 for c in out
                    )
                    count += 1
    assert count > 100
