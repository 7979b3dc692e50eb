"""Lines that are no part of an article: advertisements, share bars, notices, addresses.

Every pattern must match a whole short line; a line that has more to say stays.
"""

from __future__ import annotations

import re

_MAX = 220
URL = r"(?:https?://\S+|www\.[\w-]+\.\S+)"
_NETWORK = (
    r"(?:facebook|twitter|x\.com|x|linkedin|whatsapp|reddit|pinterest|telegram|flipboard|pocket"
    r"|messenger|bluesky|threads|instagram|tumblr|e-?mail|mail|sms|copy link|link copied|copy"
    r"|print|save)"
)
_PIECE = r"(?:this |the )?(?:article|story|post|page)"
_BESIDE = r"[\s,|/·•]+"
_SEE_ALSO = (
    r"related(?: (?:articles?|stor(?:y|ies)|content|coverage|links?|topics|news))?",
    r"read (?:more|also|next)",
    r"(?:also read|see also)",
    r"more on this(?: story| topic)?",
    r"recommended(?: for you| stories| reading)?",
    r"you (?:may|might) also like",
    r"(?:don[’']t|do not) miss",
)
_PATTERNS = (
    # advertisements
    r"\W*advertisements?\W*(?:(?:scroll|continue|skip)\b.{0,40})?",
    r"(?:story|article) continues (?:below|after)\b.{0,60}",
    r"continue reading below.{0,30}",
    r"skip (?:past )?(?:ad|advertisement)\W*",
    r"sponsored(?: content| links?)?|paid post|promoted",
    # other articles
    rf"(?:{'|'.join(_SEE_ALSO)})(?:\s*[:：»>|–—]\s*.{{0,200}}|\s*\W{{0,3}})",
    rf"(?:more at|read (?:more|the full (?:story|article)) (?:at|on))\s*:?\s+{URL}",
    rf"(?:source|(?:originally|first) published (?:at|on))\s*:?\s+{URL}",
    # newsletters
    r"(?:please )?(?:sign up|subscribe|register(?! of\b))\b(?=.*\b(?:our|your|my|us|here|now|free|the|to|for)\b)"
    r".{0,100}\b(?:(?:newsletters?|inbox)\b.{0,140}|(?:alerts|mailing list)\b.{0,60})",
    r"get (?:the|our|all)\b.{0,80}\b(?:in|to) your inbox\b.{0,30}",
    r"get (?:our|your|.{2,40}[’']s)(?: free)?(?: daily| weekly)? newsletters?\b.{0,160}",
    r"(?:more:\s*)?follow .{2,60} on (?:twitter|facebook|instagram|bluesky|x)\b.{0,120}",
    r"contact ?(?-i:[A-Z]).{3,60}(?:\d{3}-\d{3,4}|\S@\w).{0,140}",
    # share bars
    rf"(?:share|tweet|post)(?: {_PIECE})?\W*",
    rf"(?:share|post|send|tweet)(?: {_PIECE})?(?:{_BESIDE}(?:on|via|by|to|and|share|post|tweet|send"
    rf"|{_NETWORK})\b)+\W*",
    rf"(?:facebook|twitter)(?:{_BESIDE}{_NETWORK})+",
    # notices
    r"(?:this (?:web)?site|our (?:web)?site|we)(?: and our (?:\w+ )?partners)? uses? cookies\b"
    r".{0,200}",
    r"by (?:continuing|clicking|using)\b(?=.*\b(?:you|our|we|this (?:web)?site)\b).{0,120}\bcookies?\b.{0,80}",
    r"(?:accept|reject|allow|manage)(?: all)?(?: cookies?| preferences)",
    r"cookie (?:settings|preferences|policy|notice)",
    r"all rights reserved\.?|terms of (?:use|service)|privacy policy",
    # agencies' and desks' last lines
    r"\(?this (?:article|story|report) (?:was|has been|is)\b.{0,60}"
    r"\b(?:feed|syndicated|auto-generated)\b.{0,100}",
    r"published (?:automatically )?from (?:the|a|an)\b.{0,60}\bfeed\b.{0,100}",
    r"\(?(?:additional )?reporting by .{3,160}\b(?:editing|writing|compiled) by .{3,80}\)?",
    r"(?:with )?additional reporting by .{3,160}",
    r"(?:[—–-]+\s*)?with assistance (?:from|by) (?-i:[A-Z][\w.'’-]+(?:(?:,? and|,)? [A-Z][\w.'’-]+){1,20})",
    r"(?:e-?mail|contact|write to)(?: us)?(?: at)?:?\s+\S+@\S+",
    r"©\s?.{2,40} is an? .{2,40} content partner\b.{0,160}",
    r"(?:(?-i:[A-Z])[\w.,' ]{1,40} )?(?-i:CNN(?: Business)?) [—–-]",  # its date-line, alone
    r"video ad feedback\b.{0,200}",
)
# Lines that are told by how they end; these words are rare, so they are looked for first.
_ENDINGS = re.compile(
    r"(?=.*\b(?:inbox|newsletters?|e-?mail|briefing)\b).{0,190}"
    r"\bsign up(?: right)?(?: here|now| for free)[\w ,]{0,12}\W*"
    r"|.{0,70}[:?]\s*sign up for (?:our|the)\b.{0,80}\b(?:newsletters?|briefing|alerts)\b.{0,60}"
    r"|.{0,40}\bnewsletter:\s*sign up\b.{0,150}"
    r"|.{3,160}\bcontributed to this (?:report|story|article)\W*",
    re.I,
)
_DROPPED = re.compile("|".join(_PATTERNS), re.I)
_FIRST = frozenset("abcdefgioprstvwymdn(*-—–=•|.: 【[©")
COPYRIGHT = re.compile(
    r"(?:copyright\b\s*(?:©|\(c\))?|©|\(c\)\s+(?=\d{4}))\s*(?P<year>\d{4})?(?:\s*[-–]\s*\d{4})?[\s,]*(?:by\s+)?"
    r"(?P<name>(?-i:[A-Z0-9])[^.]{1,70}(?:\b\w{1,3}\.[^.]{0,20}){0,3}?)?\.?"
    r"(?:\s*all rights reserved\b.{0,120})?",
    re.I,
)
ORIGINAL = re.compile(
    r"(?:original|source|article)(?: article| story)? ?(?:url|link|address|article)?\s*:\s*"
    r"(?P<url>\S+)?",
    re.I,
)
BARE_URL = re.compile(rf"[<(]?(?P<url>{URL})[>)]?")


def is_dropped(line: str) -> bool:
    """Whether a whole line is boilerplate."""
    if not 2 < len(line) <= _MAX:
        return False
    if line[0].lower() in _FIRST and _DROPPED.fullmatch(line):
        return True
    return ("ign up" in line or "ontributed to" in line) and bool(_ENDINGS.fullmatch(line))


def copyright_of(line: str) -> tuple[str | None, str | None] | None:
    """Return year and holder of a copyright line, or None where the line is something else."""
    if len(line) > 160 or line[0] not in "©(Cc":
        return None
    match = COPYRIGHT.fullmatch(line)
    if not match or not (match["year"] or match["name"]):
        return None
    marked = "©" in line or match["year"] or "rights reserved" in line.lower()
    # "Copyright law" is a headline; "Copyright The Daily" is a notice.
    return (
        (match["year"], match["name"])
        if marked or line.lower().startswith("copyright the ")
        else None
    )
