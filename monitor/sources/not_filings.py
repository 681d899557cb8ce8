"""What lies beside filings on EDGAR and is none: lists, index pages, data.

They name forms and items as a filing does, and would pass for one.
"""

import re

from monitor.sources import ownership

_START = 100_000
"""Characters in which a page says what it is."""

_TITLE = re.compile(
    r"<title>\s*(?:EDGAR filing documents for|EDGAR search results|SEC EDGAR submission|"
    r"directory listing of|index of /|(?P<other>SEC\.gov))",
    re.IGNORECASE,
)
_LIST = re.compile(r"<companyfilings\b", re.IGNORECASE)
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")
_XML = re.compile(r"\s*<\?xml\b")
_ROOT = re.compile(r"\s*(?:<[?!][^>]*>\s*)*<(?:(?P<prefix>[\w.-]+):)?(?P<name>[\w.-]+)")
_HEADER = re.compile(
    r"\s*(?:<SEC-DOCUMENT>.*\s)?<SEC-HEADER>(?s:.*)</SEC-HEADER>\s*(?:</SEC-DOCUMENT>\s*)?\Z"
)


def kind(text: str) -> str | None:
    """What a file is that holds no filing; None for all that may be one."""
    text = text.removeprefix("\ufeff")
    if _JSON.match(text):
        return "JSON, which EDGAR has lists in"
    if title := _TITLE.search(text, 0, _START):
        return "a page of sec.gov" if title["other"] else "an index page of EDGAR"
    if _LIST.search(text, 0, _START):
        return "EDGAR's list of a company's filings"
    if _HEADER.match(text):
        return "the header of a submission alone"
    return _data(text)


def _data(text: str) -> str | None:
    """XBRL and other data; inline XBRL is HTML, and may be a filing."""
    root = _ROOT.match(text, 0, _START)
    if root is None or ownership.is_ownership(text):
        return None
    name = root["name"]
    if name == "xbrl":
        return "an XBRL instance: facts without the text around them"
    if _XML.match(text) and name.lower() != "html":
        return f"XML data whose first element is <{name}>"
    return None
