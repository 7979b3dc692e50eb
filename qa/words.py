"""The words of a text in a form in which those of two texts can be compared."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_COUNTING = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = {word: str(number) for number, word in enumerate(_COUNTING.split())}
_LITTLE = (
    "a about after all also an and are as at be been before but by for from had has have he "
    "her his i in into is it its more not of on or over said says she so than that the their "
    "them there these they this to was we were what when which who will with would you"
)
COMMON = frozenset(_LITTLE.split())


def words(text: str) -> list[str]:
    """Return the words of a text in a form that can be compared."""
    return [word for match in WORD.finditer(plain(text)) for word in norms(match[0])]


def plain(text: str) -> str:
    """Return the text without accents, so that a name matches however it was typed."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def norms(raw: str) -> list[str]:
    """Return what a word is compared by: its stem, its number, its pairs of characters."""
    word = raw.casefold().replace("’", "'")
    if word[0].isdigit():
        # 1,000 and 1000 are one number; 1.5 stays what it is
        return [re.sub(r"[,.](?=\d{3}(?:\D|$))", "", word)]
    if ord(word[0]) >= 0x2E80:  # scripts without spaces: pairs of characters
        return [word[i : i + 2] for i in range(max(1, len(word) - 1))]
    word = word.removesuffix("'s").removesuffix("'")
    if word in _NUMBERS:
        return [_NUMBERS[word]]
    return [word if word in COMMON else _stem(word)]


def _stem(word: str) -> str:
    """Cut the commonest English endings; other languages lose little by it."""
    for ending, left in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)] + left
    return word.removesuffix("e") if len(word) > 4 else word
