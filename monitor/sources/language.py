"""Language tags as publishers write them to ISO 639-1 codes."""

import re

_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_].*|\s*$)")
_MEANT = {
    "kor": "ko",
    # Kanuri by the standard, Korean in every feed that says so.
    "kr": "ko",
    "eng": "en",
    "us": "en",
    "uk": "en",
    "gb": "en",
    "jpn": "ja",
    "jp": "ja",
    "chi": "zh",
    "zho": "zh",
    "cn": "zh",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
}
_UNKNOWN = frozenset({"un", "xx", "zx"})


def iso_639_1(tag: str | None) -> str | None:
    """`ko` for `ko-KR`, `KO_kr`, `kor`; None for what is no language tag."""
    match = _TAG.match(tag or "")
    if not match:
        return None
    code = match[1].lower()
    code = _MEANT.get(code, code)
    return code if len(code) == 2 and code not in _UNKNOWN else None  # noqa: PLR2004
