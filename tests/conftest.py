"""Fixtures that every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import FeedServer

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

# How long one example takes says how busy the machine is, no more.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real feeds, filings and labelled passages; skips without it."""
    if not SHARED.is_dir():
        message = f"no corpus at {SHARED}"
        if os.environ.get("CI"):
            pytest.fail(f"{message}: CI must have it")
        pytest.skip(message)
    return SHARED


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A real HTTP server that has nothing yet."""
    with FeedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _own_standing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may leave the SEC at rest for another, or for whoever runs the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
