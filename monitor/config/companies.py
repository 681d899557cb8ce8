"""Companies of feeds.yaml that are named by their ticker alone, and those by nothing.

Does not know which tickers there are: the catalogue does, in the database.
"""

from collections.abc import Iterator
from pathlib import Path

from monitor.config.problems import Key, Problem, place_of, quote
from monitor.config.schema import File
from monitor.config.values import ticker_id
from monitor.config.yaml_file import YamlFile


def check(file: YamlFile) -> Iterator[Problem]:
    """Find companies without a ticker that lack their id or name."""
    for key, given in _given(file):
        for name in ("id", "name"):
            if not given & {name, "ticker"}:
                place = place_of(key, file.places)
                message = f"missing key {quote(name)}, or a ticker alone"
                yield Problem(place=place, key=key, message=message)


def ids_by_ticker(file: YamlFile) -> Iterator[tuple[Key, str]]:
    """Ids that are made of tickers, each with the key of the ticker."""
    for key, given in _given(file):
        ticker: Key = (*key, "ticker")
        if "id" not in given and ticker in file.texts:
            yield ticker, ticker_id(file.texts[ticker])


def by_ticker(path: Path, file: YamlFile, sections: File) -> dict[str, str]:
    """By id, where companies without a name stand: `feeds.yaml:12:5: companies[3]...`."""
    found = {}
    for index, company in enumerate(sections.companies):
        if company.name is None and company.ticker:
            key: Key = ("companies", index, "ticker")
            place = place_of(key, file.places)
            problem = Problem(place=place, key=key, value=company.ticker, message="")
            found[company.build().id] = f"{path}:{problem}"
    return found


def _given(file: YamlFile) -> Iterator[tuple[Key, set[str]]]:
    """Keys with a value of every company that is keys and values."""
    data = file.data.get("companies") if isinstance(file.data, dict) else None
    for index, company in enumerate(data if isinstance(data, list) else ()):
        if isinstance(company, dict):
            given = {name for name, value in company.items() if value is not None}
            yield ("companies", index), given
