"""Sentences that speak to a machine that answers, not to a reader: they are no evidence of anything.

Only what no newspaper prints outside a quotation is meant: markup of prompts, code fences, orders about "your
answer" or "the instructions above". A lie in plain words is not recognised; nobody could by its form.
"""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"<\|[\w ]{1,30}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|documents?|doc|instructions?|assistant|user|span|script|"
    r"context|passage)\b[^>]{0,200}>|<!--|-->|```|!\[[^\]]{0,100}\]\(|\]\(https?://|#{2,}\s*(?:system|end|instruction)|"
    r"[─═—-]{5,}\s*END\b|\\x1b|(?:\b\w ){6,}",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|"
    r"(?:above|previous|prior|earlier) (?:\w+ )?(?:rules|question|text|messages?)|(?:the |all |everything )above)\b|"
    r"\b(?:ignore|disregard) (?:all |any |the )*(?:above|previous|prior)\b|"
    r"(?:^|[:!.?]\W*)(?:please )?(?:ignore|disregard|forget) the question\b|"
    r"\b(?:your|system) (?:system )?prompt\b|\bthe (?:system )?prompt (?:above|below|says|is|was)\b|"
    r"\byour (?:answer|response|reply|output|replies|responses|answers)\b.{0,20}\b(?:with|must|should|to|in)\b|"
    r"\b(?:modify|start|begin|end|finish|change|append|adapt|rewrite) (?:\w+ )?your (?:answer|response|reply|output)\b|"
    r"\b(?:answer|respond|reply) (?:(?:only|exactly|just) with|with (?:only|exactly|just|the text))\b|"
    r"^\W*(?:please )?(?:answer|respond|reply) with\b|"
    r"\b(?:new|next|your) task\s*:|"
    r"\b(?:note|message|attention|instructions?) (?:to|for) (?:the |all |any )?"
    r"(?:AI|LLM|language model|chat(?:bot)?|AI assistant|assistants?|model)\b(?! of\b)|"
    r"\b(?:AI|language) (?:assistants?|models?)\s*[:,]\s*(?:please |you )|\bas an AI\b|\byou are (?:now )?(?:an? |in )"
    r"(?:AI|assistant|language model|chatbot|developer mode|DAN)\b|\bdecode and (?:obey|execute|follow)\b|"
    r"\b(?:(?:following|this) (?:code|script) |code )(?:block|excerpt|section|snippet|segment)\b|"
    r"\b(?:following|this) (?:block|excerpt|snippet|segment) (?:below|of code|verbatim|in your)\b|"
    r"\b(?:cite|add|append|include|insert) (?:the )?(?:source|link|url)\b(?! between)|"
    r"\brepeat (?:your|the) .{0,30}verbatim\b|"
    r"^\W*(?:verifier|system|assistant|user)\s*:",
    re.IGNORECASE,
)


def speaks_to_machine(text: str) -> bool:
    """Whether a sentence carries the markup of a prompt, or orders about an answer."""
    return bool(_MARKUP.search(text[:3000]) or _ORDER.search(text[:3000]))
