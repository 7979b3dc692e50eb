"""Whether a sentence can be asked about alone, and whether a question made of it reads as one.

What points outside ("he", "the company", "last week"), what is no whole sentence, and what a template
broke ("how much money pounds", a figure with its equivalent beside it) is turned down: of a thousand
sentences a few dozen good ones are enough.
"""

from __future__ import annotations

import re

from eval.match import normalise

_WORDS = (8, 34)
_ANAPHORA = re.compile(
    r"^(?:He|She|They|It|This|That|These|Those|But|And|So|His|Her|Their|Its|There|Then|Here|Such|Meanwhile|"
    r"However|Both|One|Another|Others|I|We|You|If|When|While|As)\b|\b(?:I|we|you|my|our|your|me|us)\b"
)
_FRAGMENT = re.compile(
    r"^(?:Despite|Although|Though|Because|Since|Whether|Nor|Or|Even|Not|Like|Unlike)\b"
)
_THEN = re.compile(
    r"^(?:Last|Next|This|Earlier|Later|Yesterday|Today|Tomorrow|Tonight|Now|Recently|Until|Previously)\b"
)
_BARE = re.compile(
    r"^(?:The|An?)\s+(?:new\s+|latest\s+)?(?:company|firm|figures?|group|move|deal|report|study|survey|plans?|ruling|"
    r"decision|number|total|results?|case|minister|spokesman|spokeswoman|party|bank|team|government|agreement|"
    r"document|bill|service|system|site|project|law|trial|court|judge|market|price|shares?|sale|merger|bid|offer|"
    r"announcement|statement|research|researchers|scientists|attack|storm|ship|event|game|film|book|man|woman|pair|"
    r"former|other|same|first|second|third)\b(?!\s+(?:of|for|between|on|by|against|called)\b)"
)
_ASKED = r"(?:how (?:much|many)|what percentage|(?:on what|what) date|(?:in what|what) year)"
_BROKEN = re.compile(
    rf"\([^)]*\b{_ASKED}\b|\b{_ASKED}(?:\s+\w+){{0,2}}\s*\(|\b(?:some|between|from)\s+{_ASKED}\b|"
    r"\bhow much money\s+(?:pounds?|dollars?|euros?|yen|or|to|and)\b|"
    rf"\b{_ASKED}(?:\s+\w+)?\s+(?:to|or|and)\s+[$€£]?\d"
)
_UNNAMED = re.compile(r"\b(?:he|she|they|them|him|her|his|their|it|its|this|these|those)\b", re.I)


def stands_alone(sentence: str) -> bool:
    """Whether a sentence says something that can be understood, and named, without the others."""
    low, high = _WORDS
    starts_well = not any(p.match(sentence) for p in (_FRAGMENT, _THEN, _BARE))
    return (
        low <= len(sentence.split()) <= high
        and sentence.endswith(".")
        and starts_well
        and not _ANAPHORA.search(sentence)
        and sentence.count("“") == sentence.count("”") == sentence.count('"') == 0
        and len(re.findall(r"(?<=[a-z,] )[A-Z][\w’'-]+", sentence)) >= 1
    )


def reads_well(question: str, answer: str) -> bool:
    """Whether a question can stand alone, is in one piece, and does not give its answer away."""
    words = question.split()
    return (
        6 <= len(words) <= 30
        and not _UNNAMED.search(" ".join(words[:7]))
        and not _BROKEN.search(question)
        and normalise(answer) not in normalise(question)
    )
