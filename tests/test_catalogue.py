"""Listed companies: the exchanges' lists, their names, and watching by ticker alone."""

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import config as configuration
from monitor import watchlist
from monitor.analysis import entities, listed, ordinary
from monitor.analysis.companies import CompanyFinder
from monitor.cli import app
from monitor.errors import ConfigError, MonitorError, ParseError
from monitor.sources import listings
from monitor.types import Listing
from tests.servers import FeedServer

SEC = {
    "NVDA": (1045810, "NVIDIA CORP"),
    "TSM": (1046179, "TAIWAN SEMICONDUCTOR MANUFACTURING CO LTD"),
    "AMZN": (1018724, "AMAZON COM INC"),
    "TGT": (27419, "TARGET CORP"),
    "TH": (1712189, "Target Hospitality Corp."),
    "BRK-B": (1067983, "BERKSHIRE HATHAWAY INC"),
    "QCOM": (804328, "QUALCOMM INC/DE"),
    "BAC": (70858, "BANK OF AMERICA CORP /DE/"),
    "VRT": (1674101, "Vertiv Holdings Co"),
    "IREN": (1878848, "IREN Ltd"),
    "MU": (723125, "MICRON TECHNOLOGY INC"),
}
KRX = """Code,Name,Market,Sector
005930,삼성전자,KOSPI,
005935,삼성전자우,KOSPI,
000660,SK하이닉스,KOSPI,
042700,한미반도체,KOSPI,
001680,대상,KOSPI,
084690,대상홀딩스,KOSPI,
083450,GST,KOSDAQ,벤처
0001A0,덕양에너젠,KOSDAQ,
060310,3S,KOSDAQ,
004170,신세계,KOSPI,
"""
FEEDS = """
contact: me@example.com
feeds: [{url: "https://example.com/feed", title: x}]
companies:
%s
"""


def sec_json(rows: dict[str, tuple[int, str]] | None = None) -> bytes:
    return json.dumps(
        {
            str(number): {"cik_str": cik, "ticker": ticker, "title": title}
            for number, (ticker, (cik, title)) in enumerate((rows or SEC).items())
        }
    ).encode()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with both lists in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sec.json").write_bytes(sec_json())
    (tmp_path / "krx.csv").write_text(KRX, "utf-8")
    (tmp_path / "feeds.yaml").write_text(FEEDS % "  - ticker: IREN", "utf-8")
    return tmp_path


def run(*words: str):
    return CliRunner().invoke(app, list(words), catch_exceptions=True)


def watched(folder: Path, companies: str, **environ: str):
    (folder / "feeds.yaml").write_text(FEEDS % companies, "utf-8")
    return watchlist.load(folder / "feeds.yaml", environ).companies


# --- the lists ------------------------------------------------------------------------


def test_the_sec_s_list():
    found = {one.ticker: one for one in listings.read_sec(sec_json(), url="x")}

    assert found["NVDA"] == Listing(
        market="us", ticker="NVDA", name="NVIDIA CORP", cik=1045810
    )
    assert len(found) == len(SEC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_korea_exchange_s_list(encoding):
    found = listings.read_krx(KRX.encode(encoding), path="krx.csv")

    assert found[0] == Listing(
        market="kr", ticker="005930", name="삼성전자", exchange="KOSPI"
    )
    assert [one.ticker for one in found][-3:] == ["0001A0", "060310", "004170"]


def test_the_exchange_s_own_column_names():
    own = KRX.replace("Code,Name,Market", "단축코드,한글 종목약명,시장구분")

    assert listings.read_krx(own.encode("cp949"), path="x")[3].name == "한미반도체"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Your Request Originates from an Undeclared Automated Tool</html>",
        b"[]",
        b"{}",
        b'{"0": {"ticker": "A"}}',
        b"\xff\xfe",
        b"[" * 100_000,
        sec_json({"NVDA": (1, "NVIDIA CORP")}),
    ],
)
def test_what_is_not_the_sec_s_list_is_refused(body):
    with pytest.raises(ParseError, match="sec\\.json"):
        listings.read_sec(body, url="sec.json")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no column Code .*it has none"),
        (b"a,b\n1,2\n", "no column Code .*it has a, b"),
        (KRX.splitlines()[0].encode(), "of 0 rows only 0"),
        (b"\xff\xff\xff", "not a CSV in UTF-8 or CP949"),
    ],
)
def test_what_is_not_the_exchange_s_list_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        listings.read_krx(body, path="krx.csv")


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("NVIDIA CORP", "Nvidia"),
        ("TAIWAN SEMICONDUCTOR MANUFACTURING CO LTD", "Taiwan Semiconductor Manufacturing"),
        ("AMAZON COM INC", "Amazon.com"),
        ("BANK OF AMERICA CORP /DE/", "Bank of America"),
        ("QUALCOMM INC/DE", "Qualcomm"),
        ("Eaton Corp plc", "Eaton"),
        ("Meta Platforms, Inc.", "Meta Platforms"),
        ("ELI LILLY & Co", "Eli Lilly"),
        ("AT&T INC.", "AT&T"),
        ("CSX CORP", "CSX"),
        ("GE Vernova Inc.", "GE Vernova"),
        ("COCA COLA CO", "Coca Cola"),
        ("CO", "CO"),
    ],
)  # fmt: skip
def test_the_usual_name(title: str, name: str):
    assert listed.usual_name(Listing(market="us", ticker="X", name=title)) == name


def test_the_word_list_is_that_of_the_model_that_finds_names():
    assert ordinary._PACKAGE == entities.PACKAGE
    assert ordinary.is_ordinary("Target")
    assert not ordinary.is_ordinary("Nvidia")


def finder(*tickers: str) -> CompanyFinder:
    """Finds what a list alone knows of these companies."""
    everything = listings.read_sec(sec_json(), url="x")
    everything += listings.read_krx(KRX.encode(), path="x")
    names = listed.Names(map(listed.usual_name, everything))
    chosen = [one for one in everything if one.ticker in tickers]
    return CompanyFinder([listed.company(one, names) for one in chosen])


@pytest.mark.parametrize(
    ("ticker", "text", "found"),
    [
        ("NVDA", "Nvidia rises", ["Nvidia"]),
        ("NVDA", "NVIDIA Corp. rises", ["NVIDIA"]),
        ("TGT", "Target said its earnings fell", ["Target"]),
        ("TGT", "The Target of the sanctions was a ship", []),
        ("TGT", "The target for earnings", []),
        ("TGT", "Target Hospitality earnings fell", []),
        ("TGT", "A ship was hit (NYSE: TGT)", ["TGT"]),
        ("BRK-B", "Berkshire Hathaway (NYSE: BRK.B)", ["Berkshire Hathaway", "BRK.B"]),
        ("AMZN", "Amazon.com's shares; Amazon", ["Amazon.com", "Amazon"]),
        ("BAC", "Bank of America", ["Bank of America"]),
        ("VRT", "Vertiv shares rose", ["Vertiv"]),
        ("MU", "Micron Technology said Micron", ["Micron Technology", "Micron"]),
        ("MU", "a Micron filter", []),
        ("042700", "한미반도체가 올랐다", ["한미반도체"]),
        ("001680", "조사 대상으로 꼽혔다. 투자 대상은", []),
        ("001680", "대상(001680)은 대상 주가가", ["대상", "001680", "대상"]),
        ("001680", "대상홀딩스의 매출", []),
        ("004170", "신세계의 매출", ["신세계"]),
        ("004170", "음악의 신세계로", []),
    ],
)
def test_a_listed_company_is_found_by_its_ticker_alone(ticker, text, found):
    language = "ko" if ticker.isdigit() else "en"

    assert [m.text for m in finder(ticker).find(text, language)] == found


# --- watching by ticker ---------------------------------------------------------------


def test_update_then_watch_by_ticker_alone(folder):
    updated = run("companies", "update", "--sec", "sec.json", "--krx", "krx.csv")
    found = watched(folder, "  - ticker: IREN\n  - ticker: 042700\n  - ticker: brk.b")

    assert "11 companies in the SEC's list" in updated.stdout
    assert "10 companies in the Korea Exchange's list" in updated.stdout
    assert [(c.id, c.name) for c in found] == [
        ("iren", "IREN"),
        ("042700", "한미반도체"),
        ("brk-b", "Berkshire Hathaway"),
    ]
    assert run("config", "check").exit_code == 0


@pytest.mark.usefixtures("folder")
def test_update_fetches_the_list_with_the_declared_contact():
    with FeedServer() as server:
        server.serve("/files/company_tickers.json", sec_json())
        url = server.url("/files/company_tickers.json")
        result = run("companies", "update", "--sec", url, "--json")

    assert json.loads(result.stdout) == [{"market": "us", "companies": 11}]
    assert "me@example.com" in server.requests[0].headers["user-agent"]


def test_without_a_contact_the_sec_is_not_asked(folder):
    (folder / "feeds.yaml").write_text(
        (FEEDS % "  - ticker: IREN").replace("contact: me@example.com", "")
    )
    result = run("companies", "update")

    assert "set `contact:` in feeds.yaml" in str(result.exception)


def test_a_list_that_is_none_leaves_the_catalogue_as_it_was(folder):
    run("companies", "update", "--sec", "sec.json")
    (folder / "sec.json").write_text("{}")
    result = run("companies", "update", "--sec", "sec.json")

    assert isinstance(result.exception, ParseError)
    assert [c.name for c in watched(folder, "  - ticker: IREN")] == ["IREN"]


def test_an_update_replaces_its_own_market_only(folder):
    run("companies", "update", "--sec", "sec.json", "--krx", "krx.csv")
    rows = {t: v for t, v in SEC.items() if t != "IREN"}
    (folder / "sec.json").write_bytes(sec_json(rows))
    run("companies", "update", "--sec", "sec.json")

    assert watched(folder, "  - ticker: 042700")[0].name == "한미반도체"
    with pytest.raises(ConfigError, match="IREN"):
        watched(folder, "  - ticker: IREN")


def test_what_ships_knows_the_names_that_no_list_has(folder):
    run("companies", "update", "--sec", "sec.json", "--krx", "krx.csv")
    nvidia, samsung = watched(folder, "  - ticker: NVDA\n  - ticker: 005930")

    assert nvidia.aliases["ko"] == ("엔비디아",)
    assert (samsung.name, samsung.exchange) == ("Samsung Electronics", "KOSPI")


def test_what_feeds_yaml_says_beside_a_ticker_is_added(folder):
    run("companies", "update", "--sec", "sec.json", "--krx", "krx.csv")
    (target,) = watched(
        folder,
        "  - ticker: TGT\n    id: target\n    role: shops\n    aliases: {ko: [타깃]}"
        "\n    not_in: [Target Date]",
    )

    assert (target.id, target.role, target.aliases) == (
        "target",
        "shops",
        {"ko": ("타깃",)},
    )
    assert {"Target Hospitality", "Target Date"} <= set(target.not_in)


@pytest.mark.parametrize(
    ("companies", "message"),
    [
        (
            "  - ticker: NVDX",
            (
                'feeds.yaml:5:5: companies[0].ticker: "NVDX": not in the SEC\'s list of '
                "20??-??-?? (11 companies); did you mean NVDA (NVIDIA CORP)?"
            ),
        ),
        (
            "  - ticker: QQQQQ",
            (
                'companies[0].ticker: "QQQQQ": not in the SEC\'s list of 20??-??-?? '
                "(11 companies); `monitor companies find NAME` looks for one"
            ),
        ),
        (
            "  - ticker: 042700",
            (
                'companies[0].ticker: "042700": the Korea Exchange\'s list has not been '
                "loaded; run `monitor companies update --krx FILE`"
            ),
        ),
    ],
)
def test_an_unknown_ticker_is_named_with_its_place(folder, companies, message):
    run("companies", "update", "--sec", "sec.json")
    expected = re.escape(message).replace(r"\?\?", r"\d\d")

    with pytest.raises(ConfigError, match=expected):
        watched(folder, companies)


def test_without_a_catalogue_the_message_says_how_to_get_one(folder):
    message = "the SEC's list has not been loaded; run `monitor companies update`"

    with pytest.raises(ConfigError, match=message):
        watched(folder, "  - ticker: NVDA")


@pytest.mark.parametrize(
    ("companies", "problem"),
    [
        ("  - name: Acme", 'companies[0]: missing key "id", or a ticker alone'),
        ("  - id: acme", 'companies[0]: missing key "name", or a ticker alone'),
        (
            "  - ticker: NVDA\n  - ticker: nvda",
            'companies[1].ticker: "nvda": is there already, in line 5',
        ),
        (
            (
                "  - ticker: NVDA\nalerts: [{id: a, window: 1h, min_mentions: 1, "
                "companies: [nvdx]}]"
            ),
            'companies[0]: "nvdx": unknown company; did you mean "nvda"?',
        ),
        (
            "  - {id: a, name: A, former_names: [{name: B, until: yesterday}]}",
            '"yesterday": expected a day such as 2021-10-28',
        ),
    ],
)
def test_what_is_wrong_with_a_company_is_named(folder, companies, problem):
    with pytest.raises(ConfigError) as caught:
        watched(folder, companies)

    assert problem in str(caught.value)


def test_a_private_company_needs_no_ticker(folder):
    (company,) = watched(folder, "  - {id: datavolt, name: DataVolt}")

    assert company.ticker is None


@pytest.mark.usefixtures("folder")
def test_find_knows_tickers_and_names_in_both_languages():
    run("companies", "update", "--sec", "sec.json", "--krx", "krx.csv")

    assert "042700" in run("companies", "find", "한미").stdout
    assert "NVDA" in run("companies", "find", "엔비디아").stdout
    rows = json.loads(run("companies", "find", "target", "--json").stdout)
    assert [row["ticker"] for row in rows] == ["TGT", "TH"]
    assert json.loads(run("companies", "find", "10%_", "--json").stdout) == []


@pytest.mark.usefixtures("folder")
def test_find_without_a_catalogue_says_how_to_get_one():
    run("companies", "update", "--sec", "none.json")
    result = run("companies", "find", "x")

    assert isinstance(result.exception, MonitorError)
    assert "no database yet" in str(result.exception)


@pytest.mark.corpus
def test_the_real_lists_are_read_whole(shared):
    with (shared / "data/companies_sec/company_tickers.csv").open() as file:
        rows = {
            row["ticker"]: (int(row["cik_str"]), row["title"])
            for row in csv.DictReader(file)
        }
    korean = (shared / "data/companies_krx/krx_listed_desc.csv").read_bytes()

    assert len(listings.read_sec(sec_json(rows), url="x")) == len(rows) > 10_000
    assert len(listings.read_krx(korean, path="x")) > 2_800


@pytest.mark.corpus
def test_by_ticker_alone_hardly_anything_wrong_is_found(shared):
    """On the labelled passages, without what feeds.yaml knows: precision, not recall."""
    from tests.eval import gold, scores

    with (shared / "data/companies_sec/company_tickers.csv").open() as file:
        american = [
            Listing(market="us", ticker=row["ticker"], name=row["title"])
            for row in csv.DictReader(file)
        ]
    everything = american + listings.read_krx(
        (shared / "data/companies_krx/krx_listed_desc.csv").read_bytes(), path="x"
    )
    names = listed.Names(map(listed.usual_name, everything))
    by_ticker = {one.ticker: one for one in everything}
    ships = configuration.load(configuration.default_path(), {}).companies
    ids = {
        c.ticker: c.id for c in ships if c.ticker in by_ticker and c.exchange != "Tokyo"
    }
    companies = CompanyFinder([listed.company(by_ticker[t], names) for t in ids])
    score = scores.compare(
        (
            {ids[m.company.upper()] for m in companies.find(p.text, p.language)},
            p.companies.keys() & set(ids.values()),
        )
        for p in gold.read(shared / "gold/gold.jsonl")
    )

    assert score.precision > 0.97
    assert score.recall > 0.45
