"""Names of outlets: from an address, from an agency's mark, and the short form for article ids.

The table holds well-known outlets only; for all others the domain itself is the name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

_NAMES = {
    "abc.net.au": "ABC News (Australia)",
    "abcnews.go.com": "ABC News",
    "afp.com": "AFP",
    "aljazeera.com": "Al Jazeera",
    "apnews.com": "Associated Press",
    "arstechnica.com": "Ars Technica",
    "axios.com": "Axios",
    "bbc.co.uk": "BBC",
    "bbc.com": "BBC",
    "bloomberg.com": "Bloomberg",
    "businessinsider.com": "Business Insider",
    "cbsnews.com": "CBS News",
    "cnbc.com": "CNBC",
    "cnn.com": "CNN",
    "dw.com": "Deutsche Welle",
    "economist.com": "The Economist",
    "euronews.com": "Euronews",
    "forbes.com": "Forbes",
    "foxnews.com": "Fox News",
    "france24.com": "France 24",
    "ft.com": "Financial Times",
    "huffpost.com": "HuffPost",
    "independent.co.uk": "The Independent",
    "kyivindependent.com": "The Kyiv Independent",
    "latimes.com": "Los Angeles Times",
    "lemonde.fr": "Le Monde",
    "nbcnews.com": "NBC News",
    "newyorker.com": "The New Yorker",
    "npr.org": "NPR",
    "nypost.com": "New York Post",
    "nytimes.com": "The New York Times",
    "politico.com": "Politico",
    "politico.eu": "Politico Europe",
    "reuters.com": "Reuters",
    "rferl.org": "RFE/RL",
    "rollingstone.com": "Rolling Stone",
    "scmp.com": "South China Morning Post",
    "spiegel.de": "Der Spiegel",
    "techcrunch.com": "TechCrunch",
    "telegraph.co.uk": "The Telegraph",
    "theatlantic.com": "The Atlantic",
    "theguardian.com": "The Guardian",
    "thehill.com": "The Hill",
    "themoscowtimes.com": "The Moscow Times",
    "theverge.com": "The Verge",
    "theweek.co.uk": "The Week",
    "theweek.com": "The Week",
    "time.com": "TIME",
    "usatoday.com": "USA Today",
    "vox.com": "Vox",
    "washingtonpost.com": "The Washington Post",
    "wired.com": "Wired",
    "wsj.com": "The Wall Street Journal",
}
_AGENCIES = {
    "ap": "Associated Press",
    "afp": "AFP",
    "upi": "UPI",
    "cnn": "CNN",
    "tass": "TASS",
    "bbc": "BBC",
}
_COMPANY = re.compile(
    r"(?:,?\s+(?:L\.?P\.?|L\.?L\.?C\.?|Inc\.?|Ltd\.?|Limited|Corp\.?|plc|GmbH|and agencies"
    r"|All rights reserved))+\.?$",
    re.I,
)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_SECOND_LEVEL = {"co", "com", "net", "org", "gov", "ac"}


def domain(url: str) -> str | None:
    """Return the host of an address without `www.`, or None where there is none."""
    return _domain("/".join(url.split("/", 3)[:3]))  # of which an index has few, and many addresses


@lru_cache(maxsize=4096)
def _domain(site: str) -> str | None:
    try:
        host = (urlsplit(site).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return None
    return host if _HOST.fullmatch(host) else None


def is_host(name: str) -> bool:
    """Whether an outlet is known by its address only."""
    return bool(_HOST.fullmatch(name.lower()))


def known_outlet(url: str) -> str | None:
    """Return the name of a well-known outlet by its address (`edition.cnn.com` too)."""
    host = domain(url)
    while host and "." in host:
        if host in _NAMES:
            return _NAMES[host]
        host = host.partition(".")[2]
    return None


def named_outlet(url: str, text: str) -> str | None:
    """Return the name of an address's outlet as `text` has it, else its domain.

    A text that says "Copper Post" names the outlet at `copperpost.example`.
    """
    host = domain(url)
    if not host:
        return None
    label = _label(host).replace("-", "")
    if len(label) > 4:
        letters = r"[ '’.&-]?".join(map(re.escape, label.removeprefix("the")))
        match = re.search(rf"\b(?:[Tt]he |THE )?{letters}\b(?![.@-]\w)", text[:200_000], re.I)
        if match and match[0][0].isupper() and (" " in match[0] or match[0][1:].islower()):
            return match[0]
    return host


def _label(host: str) -> str:
    """The part of a domain that is the outlet's own."""
    parts = host.split(".")[:-1]
    if len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
        parts.pop()
    return parts[-1]


def tidy_outlet(name: str) -> str:
    """Return an outlet's name as people write it: no company form, no shouting, no bare domain."""
    name = _COMPANY.sub("", " ".join(name.split())).strip(" ,;|-–—")
    if name.lower() in _AGENCIES:
        return _AGENCIES[name.lower()]
    bare = name.lower().removeprefix("https://").removeprefix("http://").strip("/")
    if _HOST.fullmatch(bare):
        return known_outlet("https://" + bare) or bare.removeprefix("www.")
    if name.isupper() and len(name) > 6 and " " in name:
        return name.title()
    return name


def slug(publisher: str | None, url: str | None) -> str:
    """Return the first part of an article id: up to 20 letters and digits of the outlet's name."""
    name = publisher or (domain(url) if url else None) or ""
    if _HOST.fullmatch(name):
        name = _label(name)
    name = re.sub(r"^the\s+", "", name.strip(), flags=re.I)
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", ascii_name.lower())[:20] or "article"
