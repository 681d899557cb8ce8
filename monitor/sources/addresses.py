"""Which addresses may be connected to, and the connecting itself.

Every address of a name is checked and the connection is made to a checked one, so a
name that changes its answer between check and use (DNS rebinding) gains nothing. The
name stays in the Host header and in the check of the certificate. Knows no HTTP.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore2

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to addresses, best first; raises OSError or UnicodeError."""

PERMITTED_IF_PRIVATE = frozenset(
    {"loopback", "private", "carrier-grade NAT", "benchmarking"}
)
"""What `allow_private` opens; link-local stays shut: cloud credentials live there."""

LOOKUPS = 16
ATTEMPT_S = 3.0
"""For each address but the last, so that a dead IPv6 route does not use up the time."""

# The IANA special-purpose registries written out, because `ipaddress.is_private` means
# different things in the Python versions we support. The first match counts.
_IPV4 = [
    (ip_network(network), kind)
    for network, kind in (
        ("127.0.0.0/8", "loopback"),
        ("10.0.0.0/8", "private"),
        ("172.16.0.0/12", "private"),
        ("192.168.0.0/16", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("198.18.0.0/15", "benchmarking"),
        ("169.254.0.0/16", "link-local"),
        ("0.0.0.0/32", "unspecified"),
        ("0.0.0.0/8", "reserved"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
]
_IPV6 = [
    (ip_network(network), kind)
    for network, kind in (
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("fc00::/7", "private"),
        ("fec0::/10", "private"),
        ("64:ff9b:1::/48", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "reserved"),
        ("3fff::/20", "reserved"),
    )
]
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ip_network("::/96")


class ConnectError(Exception):
    """No connection; `kind` as in FetchError, the text without the URL."""

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


def special(address: str) -> str | None:
    """Say why an address is not on the public internet; None if it is.

    >>> special("::ffff:10.0.0.1")
    'private'
    """
    parsed = ip_address(address)
    for network, kind in _IPV4 if parsed.version == 4 else _IPV6:  # noqa: PLR2004
        if parsed in network:
            return kind
    if isinstance(parsed, IPv4Address):
        return None
    inner = _embedded(parsed)
    if inner is not None:
        return special(str(inner))
    return None if parsed in _GLOBAL_UNICAST else "reserved"


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Give the IPv4 address that an IPv6 address leads to."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address in _NAT64 or address in _IPV4_COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


class Resolver:
    """Looks names up on its own threads: lookups that hang delay nothing else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Opens connections to checked addresses only; raises ConnectError."""

    def __init__(
        self,
        *,
        resolve: Resolve,
        network: httpcore2.AsyncNetworkBackend,
        allow_private: bool,
    ) -> None:
        self._resolve = resolve
        self._network = network
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface says so
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                return await self._connect(
                    await self._addresses(host, port),
                    port,
                    local_address=local_address,
                    socket_options=socket_options,
                )
        except TimeoutError:
            message = f"no connection to {host} within {timeout:g} s"
            raise ConnectError(message, kind="timeout") from None

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            message = f"the name {host} could not be looked up: {error}"
            raise ConnectError(message, kind="dns") from error
        for address in addresses:
            self._check(host, address)
        return addresses

    def _check(self, host: str, address: str) -> None:
        kind = special(address)
        if kind is None:
            return
        private = kind in PERMITTED_IF_PRIVATE
        if private and self._allow_private:
            return
        place = host if host == address else f"{host} is at {address}, which"
        way_out = (
            "if it is in your own network, set `allow_private: true` on the feed"
            if private
            else "such addresses are never read"
        )
        raise ConnectError(
            f"{place} is not on the public internet ({kind}); {way_out}",
            kind="blocked_address",
        )

    async def _connect(
        self,
        addresses: list[str],
        port: int,
        *,
        local_address: str | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None,
    ) -> httpcore2.AsyncNetworkStream:
        for left, address in zip(
            range(len(addresses) - 1, -1, -1), addresses, strict=True
        ):
            try:
                return await self._network.connect_tcp(
                    address,
                    port,
                    timeout=ATTEMPT_S if left else None,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                if not left:
                    message = f"{address} port {port} takes no connection: {error}"
                    raise ConnectError(message, kind="refused") from error
        message = "the name has no address"
        raise ConnectError(message, kind="dns")
