"""Fixtures that every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import FeedServer

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


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
