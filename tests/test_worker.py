"""The worker process: results, errors, limits, and what is left behind."""

import asyncio
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from monitor.errors import (
    ConfigError,
    DeliveryError,
    FetchError,
    ModelError,
    MonitorError,
    ParseError,
    StoreLockedError,
    WorkerError,
)
from monitor.worker import Worker

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits need Linux")


def obedient(prefix: str = "") -> Callable[[str], object]:
    """A handler that does what it is told."""

    def handle(order: str) -> object:
        word, _, rest = order.partition(" ")
        return ORDERS[word](prefix + rest)

    return handle


def refuse(text: str) -> None:
    raise ParseError(f"bad {text}", url="http://feed.example/")


def misbehave(text: str) -> None:
    raise EOFError(f"odd {text}")


def hoard(_: str) -> int:
    return len([bytes(10 << 20) + b"x" for _ in range(200)])


ORDERS: dict[str, Callable[[str], object]] = {
    "say": str.upper,
    "pid": lambda _: os.getpid(),
    "refuse": refuse,
    "misbehave": misbehave,
    "sleep": lambda text: time.sleep(float(text)),
    "die": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "leave": lambda text: os._exit(int(text)),
    "hoard": hoard,
    "big": lambda text: b"x" * int(text),
    "closure": lambda text: lambda: text,
    "size": len,
}


def no_model() -> Callable[[object], object]:
    raise ModelError("no model", path="/nowhere")


def broken_factory() -> Callable[[object], object]:
    raise ValueError("broken")


@pytest.fixture(scope="module")
def shared_worker() -> Iterator[Worker[str, object]]:
    with Worker(obedient, "", memory_mb=300, name="parser") as worker:
        yield worker


@pytest.fixture
def worker(shared_worker: Worker[str, object]) -> Worker[str, object]:
    return shared_worker


def pid_of(worker: Worker[str, object]) -> int:
    pid = worker.call("pid", timeout_s=10)
    assert isinstance(pid, int)
    return pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


def test_call_returns_the_handlers_result():
    with Worker(obedient, "삼성 ") as worker:
        assert worker.call("say hello", timeout_s=10) == "삼성 HELLO"


def test_calls_run_in_one_other_process(worker):
    first, second = pid_of(worker), pid_of(worker)

    assert first == second == worker.pid != os.getpid()


def test_large_argument_and_result_pass(worker):
    size = 20 << 20

    assert worker.call("size " + "x" * size, timeout_s=20) == size
    assert len(worker.call(f"big {size}", timeout_s=20)) == size


def test_own_error_of_the_handler_is_raised_as_it_is(worker):
    before = pid_of(worker)

    with pytest.raises(ParseError, match="bad feed") as caught:
        worker.call("refuse feed", timeout_s=10)

    assert caught.value.url == "http://feed.example/"
    assert pid_of(worker) == before


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("misbehave text", r"parser: EOFError: odd text"),
        ("closure", r"parser: .*(?:pickle|local object)"),
        ("die", r"parser: the child process died of SIGSEGV"),
        ("leave 3", r"parser: the child process ended with exit code 3"),
        ("unknown", r"parser: KeyError: 'unknown'"),
    ],
)
def test_crash_is_reported_and_the_next_call_works(worker, order, message):
    with pytest.raises(WorkerError, match=message) as caught:
        worker.call(order, timeout_s=10)

    assert caught.value.kind == "crash"
    assert worker.call("say again", timeout_s=10) == "AGAIN"


def test_traceback_of_an_unexpected_error_is_kept_as_a_note(worker):
    with pytest.raises(WorkerError) as caught:
        worker.call("misbehave text", timeout_s=10)

    assert "in misbehave" in "".join(caught.value.__notes__)


def test_hanging_call_is_killed_in_time(worker):
    pid = pid_of(worker)
    start = time.monotonic()

    with pytest.raises(WorkerError, match=r"no answer within 0\.2 s") as caught:
        worker.call("sleep 60", timeout_s=0.2)

    assert caught.value.kind == "timeout"
    assert time.monotonic() - start < 5
    assert not is_running(pid)
    assert worker.call("say again", timeout_s=10) == "AGAIN"


@linux
def test_memory_is_bounded(worker):
    with pytest.raises(WorkerError, match="needs over 300 MB") as caught:
        worker.call("hoard", timeout_s=30)

    assert caught.value.kind == "memory"
    assert worker.call("say again", timeout_s=10) == "AGAIN"


@linux
def test_argument_beyond_the_memory_limit_is_a_memory_error(worker):
    with pytest.raises(WorkerError) as caught:
        worker.call("size " + "x" * (400 << 20), timeout_s=30)

    assert caught.value.kind == "memory"


def test_child_is_replaced_after_max_tasks():
    with Worker(obedient, max_tasks=2) as worker:
        pids = [pid_of(worker) for _ in range(4)]

    assert pids[0] == pids[1] != pids[2] == pids[3]
    assert not any(map(is_running, pids))


def test_child_that_died_idle_is_replaced_silently(worker):
    pid = pid_of(worker)
    os.kill(pid, signal.SIGKILL)
    # Killed, but a zombie until the worker looks: that is when it counts as gone.
    time.sleep(0.05)

    assert pid_of(worker) != pid


@pytest.mark.parametrize(
    ("factory", "error", "message"),
    [
        (no_model, ModelError, "no model"),
        (broken_factory, WorkerError, "ValueError: broken"),
    ],
)
def test_factory_that_fails_says_why_at_each_call(factory, error, message):
    with Worker(factory) as worker:
        for _ in range(2):
            with pytest.raises(error, match=message):
                worker.call("x", timeout_s=10)
            assert worker.pid is None


def test_close_ends_the_child_and_is_final():
    worker = Worker(obedient)
    pid = pid_of(worker)

    worker.close()
    worker.close()

    assert not is_running(pid)
    with pytest.raises(RuntimeError, match="closed"):
        worker.call("say hello", timeout_s=10)


def test_close_interrupts_a_call_of_another_thread():
    worker = Worker(obedient)
    pid_of(worker)
    caught: list[WorkerError] = []

    def call() -> None:
        try:
            worker.call("sleep 60", timeout_s=60)
        except WorkerError as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(0.2)
    worker.close()
    thread.join(10)

    assert not thread.is_alive()
    assert "closed" in str(caught[0])


def test_forgotten_worker_leaves_no_process():
    worker = Worker(obedient)
    pid = pid_of(worker)

    del worker
    gc.collect()

    assert not is_running(pid)


def test_child_ignores_interrupts(worker):
    pid = pid_of(worker)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)

    assert pid_of(worker) == pid


@linux
@pytest.mark.parametrize("order", ["say hello", "sleep 60"])
def test_child_dies_with_its_parent(order):
    code = (
        "import sys, threading, time; from monitor.worker import Worker;"
        "from tests.test_worker import obedient;"
        "worker = Worker(obedient); print(worker.call('pid', timeout_s=20), flush=1);"
        f"worker.call({order!r}, timeout_s=60); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    with parent:
        pid = int(parent.stdout.readline())
        parent.kill()

    assert wait_until_gone(pid)


def test_parent_that_forgets_to_close_exits_promptly():
    code = (
        "from monitor.worker import Worker; from tests.test_worker import obedient;"
        "worker = Worker(obedient); print(worker.call('pid', timeout_s=20))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )

    assert not is_running(int(done.stdout))
    assert done.stderr == ""


def test_calls_from_many_tasks_are_answered_each_with_its_own(worker):
    async def ask(number: int) -> object:
        return await asyncio.to_thread(worker.call, f"say n{number}", timeout_s=20)

    async def ask_all() -> list[object]:
        return await asyncio.gather(*(ask(number) for number in range(20)))

    assert asyncio.run(ask_all()) == [f"N{number}" for number in range(20)]
    # The threads that asyncio used have ended; the child must not have.
    assert is_running(worker.pid)


@pytest.mark.parametrize(
    "error",
    [
        ConfigError(["feeds.yaml:1:1: a", "feeds.yaml:2:1: b"]),
        FetchError("m", url="u", kind="status", status=429, retry_after_s=3.0),
        ParseError("m", url="u"),
        WorkerError("m", kind="crash"),
        ModelError("m", path="p"),
        StoreLockedError("m", path="p"),
        DeliveryError("m", recipient="r", permanent=True),
        MonitorError("m"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_pickling_whole(error):
    error.add_note("where it was")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
