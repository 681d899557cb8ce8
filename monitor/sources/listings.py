"""Lists of listed companies: the SEC's JSON and the Korea Exchange's CSV.

Gives what the lists say, name as written. Does not keep them, nor make the names fit
for finding them in texts.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence

from monitor.errors import ParseError
from monitor.types import Listing

SEC_URL = "https://www.sec.gov/files/company_tickers.json"
MAX_BYTES = 16 * 1024 * 1024
"""The SEC's list has about 1 MB, the exchange's half of that."""

_FEWEST = 10
"""A list with fewer companies is no list of an exchange."""
_SEC_TICKER = re.compile(r"[A-Z]{1,6}(?:-[A-Z0-9]{1,3})?")
_KRX_CODE = re.compile(r"[0-9][0-9A-Z]{5}")
# data.krx.co.kr, its English page, FinanceDataReader.
_COLUMNS = {
    "code": ("Code", "단축코드", "종목코드", "Symbol", "Issue code"),
    "name": ("Name", "한글 종목약명", "종목명", "회사명", "한글종목약명"),
    "market": ("Market", "시장구분"),
}


def read_sec(body: bytes, *, url: str) -> list[Listing]:
    """`company_tickers.json` of the SEC; ParseError if it is anything else."""
    try:
        rows = list(json.loads(body).values())
        found = [
            Listing(
                market="us",
                ticker=str(row["ticker"]).upper(),
                name=" ".join(str(row["title"]).split()),
                cik=int(row["cik_str"]),
            )
            for row in rows
        ]
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        message = f"{url}: not the SEC's company_tickers.json: {error!r}"
        raise ParseError(message, url=url) from error
    return _checked(found, _SEC_TICKER.fullmatch, url)


def read_krx(body: bytes, *, path: str) -> list[Listing]:
    """A CSV with codes and Korean names, in UTF-8 or CP949; ParseError otherwise.

    Columns are known by their names: `Code, Name, Market` and what the exchange's own
    site calls them.
    """
    try:
        reader = csv.DictReader(io.StringIO(_decoded(body)))
        of = {key: _column(key, reader.fieldnames or (), path) for key in _COLUMNS}
        found = [
            Listing(
                market="kr",
                ticker=(row[of["code"]] or "").strip().upper().rjust(6, "0"),
                name=" ".join((row[of["name"]] or "").split()),
                exchange=(row[of["market"]] or "").strip().upper(),
            )
            for row in reader
        ]
    except (csv.Error, UnicodeDecodeError) as error:
        message = f"{path}: not a CSV in UTF-8 or CP949: {error}"
        raise ParseError(message, url=path) from error
    return _checked(found, _KRX_CODE.fullmatch, path)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp949")


def _column(key: str, fieldnames: Sequence[str], path: str) -> str:
    named = {name.strip().lower(): name for name in fieldnames}
    for name in _COLUMNS[key]:
        if name.lower() in named:
            return named[name.lower()]
    message = (
        f"{path}: no column {' or '.join(_COLUMNS[key][:3])}; it has "
        f"{', '.join(fieldnames)[:100] or 'none'}"
    )
    raise ParseError(message, url=path)


def _checked(
    found: list[Listing], is_ticker: Callable[[str], object], place: str
) -> list[Listing]:
    """Leave out what has no ticker or name; ParseError where hardly any is left."""
    unique = {one.ticker: one for one in found if is_ticker(one.ticker) and one.name}
    if len(unique) < max(_FEWEST, len(found) // 2):
        message = (
            f"{place}: of {len(found)} rows only {len(unique)} have ticker and name"
        )
        raise ParseError(message, url=place)
    return list(unique.values())
