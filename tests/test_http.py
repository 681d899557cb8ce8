"""Polite, bounded, safe: the HTTP client against real servers on loopback."""

import asyncio
import gzip
import ssl
import time
import zlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpcore2
import pytest
import trustme

from monitor import __version__
from monitor.errors import FetchError
from monitor.sources.addresses import special
from monitor.sources.decoding import Body, TooLargeError
from monitor.sources.http import HttpClient, Limits
from monitor.sources.sec import Standing, Verdict, is_sec
from tests import servers
from tests.servers import FeedServer

RSS = b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLIC = "93.184.216.34"
QUICK = Limits(connect_s=1, read_s=0.3, total_s=1)
TLS = ssl.create_default_context()
"""Loading the authorities takes longer than most of these tests."""


@pytest.fixture
def server():
    with FeedServer() as running:
        yield running


def fetch(url, *, allow_private=True, limits=QUICK, get=(), tls=TLS, **client):
    """Fetch one URL with a client of its own."""

    async def run():
        async with HttpClient(limits=limits, tls=tls, **client) as http:
            return await http.get(url, allow_private=allow_private, **dict(get))

    return asyncio.run(run())


def failure(url, **options):
    with pytest.raises(FetchError) as caught:
        fetch(url, **options)
    return caught.value


def names(**addresses):
    """Resolve from a table: `names(**{"a.example": ["127.0.0.1"]})`."""

    async def resolve(host, _port):
        if host not in addresses:
            return [host]
        return addresses[host]

    return resolve


class Rerouted(httpcore2.AnyIOBackend):
    """Leads connections to public addresses to loopback, and keeps a list of them."""

    def __init__(self, dead=()):
        self.connected = []
        self.dead = dead

    async def connect_tcp(
        self,
        host,
        port,
        timeout=None,  # noqa: ASYNC109
        local_address=None,
        socket_options=None,
    ):
        self.connected.append(host)
        if host in self.dead:
            raise httpcore2.ConnectError(OSError("network is unreachable"))
        return await super().connect_tcp(
            "127.0.0.1", port, timeout, local_address, socket_options
        )


# --- manners ------------------------------------------------------------------------


def test_a_request_says_who_asks_and_carries_nothing_else(server):
    server.serve("/feed", RSS, headers={"Set-Cookie": "id=1"})

    async def run():
        async with HttpClient(contact="me@example.org") as http:
            for _ in range(2):
                await http.get(server.url("/feed"), allow_private=True)

    asyncio.run(run())

    for request in server.requests:
        assert set(request.headers) == {
            "host",
            "user-agent",
            "accept",
            "accept-encoding",
        }
        assert (
            request.headers["user-agent"] == f"monitor/{__version__} (+me@example.org)"
        )
        assert request.headers["accept-encoding"] == "gzip"
        assert request.headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("contact", ["", "a\r\nBcc: b@example.org", "홍길동 <a@b.kr>"])
def test_a_contact_cannot_break_the_request(server, contact):
    server.serve("/feed", RSS)

    assert fetch(server.url("/feed"), contact=contact).body == RSS
    assert "bcc" not in server.requests[0].headers


@pytest.mark.parametrize(
    "etag", ['"abc"', 'W/"abc"', "unquoted", '"\xe9\xff"', '"a,b" ']
)
def test_an_etag_comes_back_byte_for_byte(server, etag):
    etag = etag.strip()
    server.serve("/feed", RSS, headers={"ETag": etag})
    first = fetch(server.url("/feed"))

    second = fetch(server.url("/feed"), get={"etag": first.headers["etag"]})

    assert first.status == 200
    assert second.status == 304
    assert second.body == b""
    assert server.requests[1].headers["if-none-match"] == etag


def test_a_last_modified_comes_back_unchanged(server):
    stamp = "Mon, 24 Nov 2026 1:2:3 +0900"
    server.serve("/feed", RSS, headers={"Last-Modified": stamp})
    first = fetch(server.url("/feed"))

    second = fetch(
        server.url("/feed"), get={"last_modified": first.headers["last-modified"]}
    )

    assert (first.status, second.status) == (200, 304)
    assert server.requests[1].headers["if-modified-since"] == stamp


def test_a_304_that_was_not_asked_for_is_an_error(server):
    error = failure(server.url("/status/304"))

    assert (error.kind, error.status) == ("protocol", 304)


def test_two_connections_a_host_and_some_overall(server):
    server.behave("/slow", servers.hang(0.05))

    async def run(hosts, limits):
        resolve = names(**{host: ["127.0.0.1"] for host in hosts})
        async with HttpClient(limits=limits, resolve=resolve) as http:
            await asyncio.gather(
                *(
                    http.get(server.url("/slow", host=host), allow_private=True)
                    for host in hosts * 4
                )
            )

    asyncio.run(run(["a.example"], Limits()))
    assert server.most_at_once == 2
    assert len({request.port for request in server.requests}) == 2

    server.most_at_once = 0
    asyncio.run(run([f"{n}.example" for n in range(6)], Limits(overall=3)))
    assert server.most_at_once == 3


def test_waiting_for_a_slow_host_delays_no_other(server):
    server.behave("/slow", servers.hang(0.3))
    server.serve("/feed", RSS)
    resolve = names(**{"slow.example": ["127.0.0.1"], "b.example": ["127.0.0.1"]})

    async def run():
        async with HttpClient(limits=Limits(overall=3), resolve=resolve) as http:
            slow = [
                asyncio.ensure_future(
                    http.get(
                        server.url("/slow", host="slow.example"), allow_private=True
                    )
                )
                for _ in range(4)
            ]
            await asyncio.sleep(0.05)
            began = time.monotonic()
            await http.get(server.url("/feed", host="b.example"), allow_private=True)
            took = time.monotonic() - began
            await asyncio.gather(*slow)
            return took

    assert asyncio.run(run()) < 0.2


def test_waiting_for_a_turn_is_not_held_against_anybody(server):
    server.behave("/slow", servers.hang(0.15))
    limits = Limits(total_s=0.4, per_host=1)

    async def run():
        async with HttpClient(limits=limits) as http:
            return await asyncio.gather(
                *(http.get(server.url("/slow"), allow_private=True) for _ in range(4))
            )

    assert [answer.status for answer in asyncio.run(run())] == [200] * 4


# --- the SEC ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("sec.gov", True),
        ("www.SEC.gov", True),
        ("data.sec.gov.", True),
        ("notsec.gov", False),
        ("sec.gov.example.org", False),
    ],
)
def test_hosts_of_the_sec(host, expected):
    assert is_sec(host) is expected


def test_starts_are_a_seventh_of_a_second_apart_for_all_who_share_the_file(tmp_path):
    both = Standing(tmp_path), Standing(tmp_path)
    starts = [both[n % 2].reserve() for n in range(20)]

    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert min(gaps) >= 0.1428


def test_a_start_far_ahead_is_from_before_the_machine_was_started_anew(tmp_path):
    (tmp_path / "sec.json").write_text('{"next_s": 9e9}')

    assert Standing(tmp_path).reserve() <= time.monotonic()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"else": 1}', b"\xff"])
def test_a_damaged_file_is_as_none(tmp_path, damage):
    (tmp_path / "sec.json").write_bytes(damage)
    standing = Standing(tmp_path)

    assert standing.rest(now=NOW) is None
    assert standing.reserve() <= time.monotonic()


def test_a_folder_that_cannot_be_written_is_not_the_end(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert Standing(tmp_path / "file" / "state").reserve() <= time.monotonic()


def test_each_refusal_in_a_row_doubles_the_rest(tmp_path):
    standing, now, rests = Standing(tmp_path), NOW, []
    block = Verdict(reason="429", wait=timedelta(minutes=10))
    for _ in range(9):
        until = standing.refused(block, now=now, asked=None).until
        rests.append(round((until - now) / timedelta(minutes=11)))
        now = until
    standing.answered(now=now)

    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 144]  # a day at most
    assert standing.refused(block, now=now, asked=None).until == now + timedelta(
        minutes=11
    )


def test_an_answer_that_was_under_way_does_not_end_the_rest(tmp_path):
    standing = Standing(tmp_path)
    block = Verdict(reason="429", wait=timedelta(minutes=10))
    rest = standing.refused(block, now=NOW, asked=None)
    standing.answered(now=NOW + timedelta(seconds=1))

    assert standing.rest(now=NOW + timedelta(seconds=2)) == rest


def test_two_that_are_refused_together_are_one_refusal(tmp_path):
    block = Verdict(reason="429", wait=timedelta(minutes=10))
    first, second = (
        Standing(tmp_path).refused(block, now=NOW, asked=None) for _ in range(2)
    )

    assert first.until == second.until


def test_the_sec_is_asked_seven_times_a_second_at_most(server):
    server.serve("/feed", RSS)
    resolve = names(**{"www.sec.gov": ["127.0.0.1"], "data.sec.gov": ["127.0.0.1"]})

    async def run():
        async with HttpClient(contact="me@example.org", resolve=resolve) as http:
            await asyncio.gather(
                *(
                    http.get(server.url("/feed", host=host), allow_private=True)
                    for host in ["www.sec.gov", "data.sec.gov"] * 6
                )
            )

    asyncio.run(run())

    times = sorted(request.at for request in server.requests)
    assert len(times) == 12
    # Sent a second apart; on a busy machine the first may arrive late.
    assert times[8] - times[0] > 0.8


@pytest.mark.parametrize("contact", ["", "https://example.org/about"])
def test_the_sec_is_not_asked_without_an_address(server, contact):
    error = failure("https://www.sec.gov/cgi-bin/browse-edgar", contact=contact)

    assert error.kind == "contact"
    assert "contact:" in str(error)
    assert server.requests == []


BLOCK_PAGE = b"<html><head><title>SEC.gov | Request Rate Threshold Exceeded</title>"
FORBIDDEN = b"<html><title>SEC.gov | Undeclared Automated Tool</title></html>"


def ask(server, *paths, now=lambda: NOW, **get):
    """Ask a mirror of the SEC for paths in turn; what became of each."""

    async def run():
        outcomes = []
        async with HttpClient(contact="me@example.org", now=now, tls=TLS) as http:
            for path in paths:
                try:
                    await http.get(
                        server.url(path), allow_private=True, as_sec=True, **get
                    )
                    outcomes.append("ok")
                except FetchError as error:
                    outcomes.append(error.kind)
        return outcomes

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "body", "headers", "minutes"),
    [
        (200, BLOCK_PAGE, {"Content-Type": "text/html"}, 11),
        (403, FORBIDDEN, {"Content-Type": "text/html"}, 11),
        (429, b"", {}, 11),
        (429, b"", {"Retry-After": "60"}, 1.1),
        (503, b"<html>", {"Content-Type": "text/html"}, 1.1),
    ],
)
def test_the_sec_as_a_whole_is_left_alone_after_a_refusal(
    server, status, body, headers, minutes
):
    server.serve("/first", body, headers=headers, status=status)
    server.serve("/other", RSS)
    assert ask(server, "/first", "/other") == ["refused_by_sec", "resting"]
    rest = timedelta(minutes=minutes)
    early, late = NOW + 0.98 * rest, NOW + 1.02 * rest

    assert ask(server, "/other", now=lambda: early) == ["resting"]  # another process
    assert server.paths() == ["/first"]
    assert ask(server, "/other", now=lambda: late) == ["ok"]


@pytest.mark.parametrize(
    ("status", "headers", "get"),
    [
        (403, {"Content-Type": "application/xml"}, {}),
        (404, {"Content-Type": "application/xml"}, {}),
        (503, {"Content-Type": "text/html"}, {"harmless": {503}}),
        (500, {}, {}),
    ],
)
def test_a_document_that_is_missing_says_nothing_of_the_others(
    server, status, headers, get
):
    server.serve("/missing", b"<Error/>", headers=headers, status=status)
    server.serve("/other", RSS)

    assert ask(server, "/missing", "/other", **get) == ["status", "ok"]


def test_a_page_that_says_so_is_a_document_to_everybody_else(server):
    server.serve("/page", BLOCK_PAGE)

    assert fetch(server.url("/page")).body == BLOCK_PAGE


# --- addresses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.0.9", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("100.127.255.255", "carrier-grade NAT"),
        ("198.18.0.7", "benchmarking"),
        ("169.254.169.254", "link-local"),
        ("0.0.0.0", "unspecified"),  # noqa: S104
        ("0.1.2.3", "reserved"),
        ("192.0.2.1", "reserved"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fc00::1", "private"),
        ("fd12:3456::1", "private"),
        ("fec0::1", "private"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "reserved"),
        ("2001::1", "reserved"),
        ("100::1", "reserved"),
        ("4000::1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::127.0.0.1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("2002:a00:1::", "private"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b:1::1", "private"),
        (PUBLIC, None),
        ("172.32.0.1", None),
        ("100.128.0.1", None),
        ("2606:2800:220:1::1", None),
        ("64:ff9b::93.184.216.34", None),
    ],
)
def test_special_addresses(address, kind):
    assert special(address) == kind


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"]
)
def test_loopback_is_refused_however_it_is_written(server, host):
    server.serve("/feed", RSS)

    error = failure(server.url("/feed", host=host), allow_private=False)

    assert error.kind == "blocked_address"
    assert "allow_private: true" in str(error)
    assert server.requests == []


def test_link_local_is_refused_even_where_private_is_permitted():
    error = failure("http://169.254.169.254/latest/meta-data/", allow_private=True)

    assert error.kind == "blocked_address"
    assert "allow_private" not in str(error)


def test_every_address_of_a_name_is_checked(server):
    network = Rerouted()
    resolve = names(**{"a.example": [PUBLIC, "10.0.0.1"]})

    error = failure(
        server.url("/", host="a.example"),
        allow_private=False,
        resolve=resolve,
        network=network,
    )

    assert error.kind == "blocked_address"
    assert "10.0.0.1" in str(error)
    assert network.connected == []


def test_the_connection_goes_to_the_checked_address(server):
    server.serve("/feed", RSS)
    network = Rerouted()
    answers = [[PUBLIC], ["127.0.0.1"]]

    async def rebinding(_host, _port):
        return answers.pop(0)

    response = fetch(
        server.url("/feed", host="a.example"),
        allow_private=False,
        resolve=rebinding,
        network=network,
    )

    assert response.body == RSS
    assert network.connected == [PUBLIC]
    assert answers == [["127.0.0.1"]]
    assert server.requests[0].headers["host"] == f"a.example:{server.port}"


def test_a_second_address_is_tried(server):
    server.serve("/feed", RSS)
    network = Rerouted(dead={"2606:2800::1"})
    resolve = names(**{"a.example": ["2606:2800::1", PUBLIC]})

    response = fetch(
        server.url("/feed", host="a.example"),
        allow_private=False,
        resolve=resolve,
        network=network,
    )

    assert response.body == RSS
    assert network.connected == ["2606:2800::1", PUBLIC]


@pytest.mark.parametrize("inner", ["127.0.0.1", "inner.example", "[::ffff:10.0.0.1]"])
def test_addresses_are_checked_again_at_a_redirect(server, inner):
    server.redirect("/feed", server.url("/secret", host=inner))
    server.serve("/secret", b"secret")
    resolve = names(
        **{
            "a.example": [PUBLIC],
            "inner.example": ["192.168.1.1"],
            "::ffff:10.0.0.1": ["::ffff:10.0.0.1"],
        }
    )

    error = failure(
        server.url("/feed", host="a.example"),
        allow_private=False,
        resolve=resolve,
        network=Rerouted(),
    )

    assert error.kind == "blocked_address"
    assert server.paths() == ["/feed"]


def test_a_private_connection_is_not_lent_to_others(server):
    server.serve("/feed", RSS)

    async def run():
        async with HttpClient() as http:
            await http.get(server.url("/feed"), allow_private=True)
            with pytest.raises(FetchError) as caught:
                await http.get(server.url("/feed"))
            return caught.value

    assert asyncio.run(run()).kind == "blocked_address"
    assert len(server.requests) == 1


# --- redirects ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ((), False),
        ((301,), True),
        ((308, 301), True),
        ((302,), False),
        ((301, 302), False),
        ((307, 301), False),
        ((303,), False),
    ],
)
def test_only_a_chain_of_permanent_redirects_moves_a_feed(server, statuses, permanent):
    for n, status in enumerate(statuses):
        server.redirect(f"/{n}", f"/{n + 1}#part", status=status)
    server.serve(f"/{len(statuses)}", RSS)

    response = fetch(server.url("/0"))

    end = server.url(f"/{len(statuses)}")
    assert response.url == end
    assert response.permanent_url == (end if permanent else None)


def test_a_moved_feed_that_did_not_change_has_moved_all_the_same(server):
    server.redirect("/old", "/new", status=308)
    server.serve("/new", RSS, headers={"ETag": '"1"'})

    response = fetch(server.url("/old"), get={"etag": '"1"'})

    assert (response.status, response.permanent_url) == (304, server.url("/new"))


@pytest.mark.parametrize(("hops", "ends"), [(5, True), (6, False)])
def test_five_redirects_are_followed(server, hops, ends):
    for n in range(hops):
        server.redirect(f"/{n}", f"/{n + 1}", status=302)
    server.serve(f"/{hops}", RSS)

    if ends:
        assert fetch(server.url("/0")).body == RSS
    else:
        assert failure(server.url("/0")).kind == "redirects"


def test_a_redirect_loop_ends(server):
    server.redirect("/a", "/b")
    server.redirect("/b", "/a")

    assert failure(server.url("/a")).kind == "redirects"
    assert len(server.requests) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://a.example/", ""])
def test_a_redirect_to_elsewhere_is_an_error(server, location):
    server.redirect("/feed", location)

    assert failure(server.url("/feed")).kind == "protocol"


def test_a_korean_path_in_a_redirect(server):
    location = "/뉴스".encode().decode("latin-1")
    server.redirect("/feed", location)
    server.serve("/%EB%89%B4%EC%8A%A4", RSS)

    assert fetch(server.url("/feed")).body == RSS


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://a.example/",
        "",
        "a.example/feed",
        "http:///feed",
        "http://a.example:99999/",
        "http://a.example:0/",
        "http://[::1",
        "http://0177.0.0.1/",
    ],
)
def test_what_is_no_web_address_is_refused(url):
    assert failure(url).kind == "protocol"


def test_a_password_is_sent_to_its_own_host_and_shown_to_nobody(server):
    server.redirect("/feed", server.url("/other", host="b.example"))
    server.serve("/other", RSS)
    url = server.url("/feed", host="me:s3cret%21@a.example")
    resolve = names(**{"a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"]})

    response = fetch(url, resolve=resolve)
    server.serve("/other", b"", status=500)
    error = failure(url, resolve=resolve)
    missing = failure(url.replace("/feed", "/none"), resolve=resolve)

    assert server.requests[0].headers["authorization"] == "Basic bWU6czNjcmV0IQ=="
    assert "authorization" not in server.requests[1].headers
    assert response.permanent_url is None
    for text in (response.url, str(error), error.url, str(missing), missing.url):
        assert "s3cret" not in text


# --- statuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "status", [204, 206, 400, 401, 403, 404, 410, 429, 500, 503, 599]
)
def test_other_statuses_are_errors(server, status):
    error = failure(server.url(f"/status/{status}"))

    assert (error.kind, error.status) == ("status", status)
    assert str(status) in str(error)
    assert error.retry_after_s is None


DATE = "Tue, 24 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("Tue, 24 Nov 2026 10:05:00 GMT", 300),
        ("Tuesday, 24-Nov-26 10:05:00 GMT", 300),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 0),
        ("Wed, 24 Nov 2027 10:00:00 GMT", 86400),
        ("31536000", 86400),
        ("9" * 400, 86400),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
        ("1e3", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(server, value, expected, status):
    server.date = DATE
    raw = value.encode().decode("latin-1")
    server.serve("/feed", b"", headers={"Retry-After": raw}, status=status)

    assert failure(server.url("/feed")).retry_after_s == expected


def test_retry_after_without_a_usable_date_is_measured_by_our_clock(server):
    server.date = "today"
    retry = "Tue, 24 Nov 2026 10:05:00 GMT"
    server.serve("/feed", b"", headers={"Retry-After": retry}, status=503)
    now = datetime(2026, 11, 24, 10, 4, tzinfo=UTC)

    assert failure(server.url("/feed"), now=lambda: now).retry_after_s == 60


# --- bodies -------------------------------------------------------------------------


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", RSS),
        ("identity", RSS),
        ("gzip", gzip.compress(RSS, mtime=0)),
        ("X-GZIP", gzip.compress(RSS, mtime=0)),
        ("gzip", gzip.compress(RSS[:9], mtime=0) + gzip.compress(RSS[9:], mtime=0)),
        ("gzip", gzip.compress(RSS, mtime=0) + bytes(40)),
        ("deflate", zlib.compress(RSS)),
        ("deflate", raw_deflate(RSS)),
    ],
)
def test_bodies_are_unpacked(server, encoding, packed):
    server.serve("/feed", packed, headers={"Content-Encoding": encoding})

    assert fetch(server.url("/feed")).body == RSS


@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_unpacking_does_not_depend_on_how_bytes_arrive(step):
    text = bytes(range(256)) * 2000
    packed = gzip.compress(text[:1000], mtime=0) + gzip.compress(text[1000:], mtime=0)
    body = Body("gzip", max_bytes=1 << 20)
    for start in range(0, len(packed), step):
        body.feed(packed[start : start + step])

    assert body.finish() == text


def test_an_empty_body_is_empty_in_any_encoding(server):
    server.serve("/feed", b"", headers={"Content-Encoding": "gzip"})

    assert fetch(server.url("/feed")).body == b""


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"x"),
        ("gzip, gzip", gzip.compress(gzip.compress(RSS, mtime=0), mtime=0)),
        ("gzip", RSS),
        ("gzip", gzip.compress(RSS, mtime=0)[:-9]),
        ("gzip", gzip.compress(RSS, mtime=0)[:-5] + b"wrong"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_an_error(server, encoding, body):
    server.serve("/feed", body, headers={"Content-Encoding": encoding})

    assert failure(server.url("/feed")).kind == "protocol"


def test_a_bomb_is_stopped_early():
    packed = servers.bomb(256 << 20)
    body = Body("gzip", max_bytes=1 << 30)

    with pytest.raises(TooLargeError, match="200 times"):
        body.feed(packed[: 1 << 16])
    assert len(body._body) < 14 << 20  # 200 times what was sent, and one piece


@pytest.mark.parametrize("max_bytes", [1 << 20, 64 << 20])
def test_a_bomb_is_too_large(server, max_bytes):
    server.serve("/feed", servers.bomb(64 << 20), headers={"Content-Encoding": "gzip"})

    error = failure(server.url("/feed"), get={"max_bytes": max_bytes}, limits=Limits())

    assert error.kind == "too_large"


def test_what_packs_well_is_no_bomb():
    text = b"<item><title>same</title></item>" * 40_000
    packed = gzip.compress(text, 1, mtime=0)
    body = Body("gzip", max_bytes=16 << 20)
    body.feed(packed)

    assert len(text) > 1 << 20
    assert body.finish() == text


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_the_limit_is_exact(server, size, fits):
    server.serve("/feed", b"x" * size)

    if fits:
        assert len(fetch(server.url("/feed"), get={"max_bytes": 1000}).body) == size
    else:
        error = failure(server.url("/feed"), get={"max_bytes": 1000})
        assert error.kind == "too_large"


def test_an_endless_body_is_cut_off(server):
    server.behave("/feed", servers.endless())

    assert failure(server.url("/feed"), limits=Limits()).kind == "too_large"


def test_a_hundred_megabytes_are_refused_on_their_announcement(server):
    server.behave("/feed", lambda h: h.answer(b"<rss>", length=100_000_000))

    assert failure(server.url("/feed")).kind == "too_large"


# --- servers that fail --------------------------------------------------------------


def test_one_byte_a_second_does_not_hold_the_client(server):
    server.behave("/feed", servers.drip(RSS, every_s=0.1))
    began = time.monotonic()

    error = failure(server.url("/feed"), limits=Limits(read_s=0.3, total_s=0.5))

    assert error.kind == "timeout"
    assert time.monotonic() - began < 1


def test_redirects_share_the_total_time(server):
    for n in range(5):

        def behaviour(handler, n=n):
            handler.server.owner.closing.wait(0.15)
            handler.answer(status=302, headers={"Location": f"/{n + 1}"})

        server.behave(f"/{n}", behaviour)
    began = time.monotonic()

    error = failure(server.url("/0"), limits=Limits(total_s=0.4))

    assert error.kind == "timeout"
    assert time.monotonic() - began < 0.6


def test_silence_ends(server):
    server.behave("/feed", servers.hang(5))
    began = time.monotonic()

    assert failure(server.url("/feed")).kind == "timeout"
    assert time.monotonic() - began < 1


def test_a_name_that_takes_long_ends():
    async def resolve(_host, _port):
        await asyncio.sleep(5)
        return [PUBLIC]

    limits = Limits(connect_s=0.1)
    error = failure("http://a.example/", resolve=resolve, limits=limits)

    assert error.kind == "timeout"
    assert "a.example" in str(error)


def test_nobody_listens():
    with FeedServer() as gone:
        url = gone.url("/feed")

    assert failure(url).kind == "refused"


@pytest.mark.parametrize(
    "host", ["no-such-name.invalid", "a" * 70 + ".example", "a..b"]
)
def test_a_name_that_does_not_exist(host):
    assert failure(f"http://{host}/feed").kind == "dns"


def test_a_reset(server):
    server.behave("/feed", servers.reset())

    assert failure(server.url("/feed")).kind == "reset"


@pytest.mark.parametrize(
    "behaviour",
    [
        servers.cut_chunk(),
        lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000),
        lambda handler: setattr(handler, "close_connection", True),
    ],
    ids=["cut chunk", "other protocol", "endless header", "nothing at all"],
)
def test_improper_http(server, behaviour):
    def closing(handler):
        behaviour(handler)
        handler.close_connection = True

    server.behave("/feed", closing)

    assert failure(server.url("/feed")).kind == "protocol"


def test_a_failure_harms_no_other_fetch(server):
    server.serve("/feed", RSS)
    server.behave("/drip", servers.drip(RSS, every_s=0.05))
    server.behave("/reset", servers.reset())
    server.behave("/cut", servers.cut_chunk())
    server.behave("/endless", servers.endless())
    paths = ["/drip", "/reset", "/cut", "/endless", "/status/500"]

    async def run():
        limits = Limits(total_s=0.5, per_host=16)
        async with HttpClient(limits=limits) as http:
            failed = await asyncio.gather(
                *(http.get(server.url(path), allow_private=True) for path in paths),
                return_exceptions=True,
            )
            good = await asyncio.gather(
                *(http.get(server.url("/feed"), allow_private=True) for _ in range(9))
            )
            return failed, good

    failed, good = asyncio.run(run())

    kinds = [error.kind for error in failed if isinstance(error, FetchError)]
    assert kinds == ["timeout", "reset", "protocol", "too_large", "status"]
    assert [answer.body for answer in good] == [RSS] * 9


# --- TLS ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return FeedServer(tls=context)


def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_certificates_are_checked_against_the_name(authority):
    resolve = names(**{"a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"]})
    seen = []
    with tls_server(authority.issue_cert("a.example")) as server:
        server.tls.sni_callback = lambda _socket, name, _context: seen.append(name)
        server.serve("/feed", RSS)
        options = {"resolve": resolve, "tls": trusting(authority)}

        right = fetch(server.url("/feed", host="a.example"), **options)
        wrong = failure(server.url("/feed", host="b.example"), **options)
        by_number = failure(server.url("/feed"), **options)

    assert right.body == RSS
    assert seen[:2] == ["a.example", "b.example"]
    assert (wrong.kind, by_number.kind) == ("tls", "tls")
    assert "b.example" in str(wrong)


def test_an_expired_certificate(authority):
    past = datetime.now(UTC) - timedelta(days=1)
    certificate = authority.issue_cert("127.0.0.1", not_after=past)
    with tls_server(certificate) as server:
        server.serve("/feed", RSS)
        error = failure(server.url("/feed"), tls=trusting(authority))

    assert error.kind == "tls"
    assert "expired" in str(error)


def test_an_unknown_authority(authority):
    with tls_server(authority.issue_cert("127.0.0.1")) as server:
        server.serve("/feed", RSS)
        error = failure(server.url("/feed"))

    assert error.kind == "tls"


def test_no_tls_where_it_is_expected(server):
    error = failure(server.url("/feed").replace("http:", "https:"))

    assert error.kind == "tls"
