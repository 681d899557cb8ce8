"""A child process that is killed when it takes too long or too much memory.

Parsers of foreign bytes and models run here, because Python cannot stop a hanging C
extension any other way. The child holds no state worth keeping: it is killed, never
asked to leave. Does not decide what a failed task means, nor try a task again.
"""

import contextlib
import ctypes
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, Generic, Literal, NoReturn, Self, TypeVar, cast

from monitor.errors import MonitorError, WorkerError

A = TypeVar("A")
R = TypeVar("R")
Status = Literal["done", "failed", "timeout", "memory", "crash"]

_PR_SET_PDEATHSIG = 1
_OUT_OF_MEMORY = 71
_BOOT = (
    "import sys; sys.path[:] = {path!r}; import monitor.worker as worker; "
    "worker.serve({fd}, parent={parent}, memory_mb={memory_mb})"
)
# PDEATHSIG fires when the *thread* that started the child ends, so all children are
# started by one thread that lives as long as the process.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker-starter")


class Worker(Generic[A, R]):
    """Runs `handler(argument)` in a child, where `handler = factory(*args)`.

    `factory` is a top-level function of an importable module; it, its arguments, every
    argument and every result are pickled. The child starts at the first call and
    anew after a failure or `max_tasks` calls. Safe to use from several threads, one
    call at a time. `memory_mb` bounds the child's data (Linux; elsewhere unbounded).
    """

    def __init__(
        self,
        factory: Callable[..., Callable[[A], R]],
        *args: Any,
        memory_mb: int = 1024,
        max_tasks: int = 500,
        start_timeout_s: float = 60.0,
        name: str = "worker",
    ) -> None:
        self.name = name
        self._recipe = (factory, args)
        self._memory_mb = memory_mb
        self._max_tasks = max_tasks
        self._start_timeout_s = start_timeout_s
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    def call(self, argument: A, *, timeout_s: float) -> R:
        """`handler(argument)`, computed in the child.

        Raises the handler's own MonitorError as it is, WorkerError otherwise: kind
        `timeout` (killed; starting the child has its own time), `memory`, or `crash`
        (died, or raised anything else: its traceback is a note on the error).
        """
        with self._lock:
            child = self._running_child()
            result = self._exchange(child, argument, timeout_s)
            child.tasks += 1
            if child.tasks >= self._max_tasks:
                self._stop()
        return cast(R, _value(*result))

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        child = self._child
        return child.process.pid if child else None

    def close(self) -> None:
        """Kill the child, even in the middle of another thread's call."""
        self._closed = True
        if child := self._child:
            child.process.kill()
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running_child(self) -> "_Child":
        if self._closed:
            raise RuntimeError(f"{self.name} is closed")
        if self._child and self._child.process.poll() is not None:
            # It died while idle, which is no fault of the next task.
            self._stop()
        return self._child or self._start()

    def _start(self) -> "_Child":
        self._child = _starter.submit(_Child, self._memory_mb).result()
        result = self._exchange(self._child, self._recipe, self._start_timeout_s)
        if result[0] == "failed":
            self._stop()
        _value(*result)
        return self._child

    def _stop(self) -> None:
        if self._child:
            self._child.stop()
        self._child = None

    def _exchange(
        self, child: "_Child", message: object, timeout_s: float
    ) -> tuple[Status, Any]:
        """The child's reply, `done` or `failed`; after anything else it is killed."""
        try:
            if self._closed:
                raise RuntimeError(f"{self.name} is closed")  # noqa: TRY301 - stops it
            reply = child.ask(message, timeout_s)
            self._raise_failure(reply, timeout_s)
        except BaseException:
            # Also on KeyboardInterrupt: its late answer must not be taken for the
            # answer to the next call.
            self._stop()
            raise
        return reply

    def _raise_failure(self, reply: tuple[Status, Any], timeout_s: float) -> None:
        status, payload = reply
        if status == "timeout":
            payload = f"no answer within {timeout_s:g} s"
        if status == "memory":
            payload = f"needs over {self._memory_mb} MB"
        if self._closed:
            status, payload = "crash", "closed during the call"
        if status in ("done", "failed"):
            return
        *before, last = payload.strip().splitlines()
        error = WorkerError(f"{self.name}: {last}", kind=status)
        if before:
            error.add_note(payload)
        raise error


class _Child:
    """A running child process and the socket to it."""

    def __init__(self, memory_mb: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            boot = _BOOT.format(
                path=sys.path,
                fd=theirs.fileno(),
                parent=os.getpid(),
                memory_mb=memory_mb,
            )
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-c", boot],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Its own session: Ctrl-C reaches the parent only, which decides.
                start_new_session=True,
            )
        self.connection = Connection(ours.detach())
        self.tasks = 0
        self._finalizer = weakref.finalize(self, _kill, self.process)

    def ask(self, message: object, timeout_s: float) -> tuple[Status, Any]:
        try:
            self.connection.send(message)
            if not self.connection.poll(timeout_s):
                return "timeout", None
            return cast(tuple[Status, Any], self.connection.recv())
        except (EOFError, ConnectionError):
            return self._death()

    def _death(self) -> tuple[Status, str | None]:
        # The socket closes a moment before the exit code is there.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        code = self.process.returncode
        if code == _OUT_OF_MEMORY:
            return "memory", None
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            return "crash", f"the child process died of {name}"
        return "crash", f"the child process ended with exit code {code}"

    def stop(self) -> None:
        self._finalizer()
        self.connection.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _value(status: Status, payload: Any) -> Any:
    if status == "failed":
        raise payload
    return payload


# --- in the child -------------------------------------------------------------------


def serve(fd: int, *, parent: int, memory_mb: int) -> NoReturn:
    """Answer calls over the socket `fd` until the parent is gone."""
    # systemd sends SIGTERM to the whole group; the parent still needs the answer.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    _limit_memory(memory_mb)
    with contextlib.suppress(EOFError, ConnectionError):
        _answer_calls(Connection(fd))
    os._exit(0)


def _answer_calls(connection: Connection) -> None:
    handlers: list[Callable[[Any], Any]] = []

    def make(recipe: tuple[Callable[..., Callable[[Any], Any]], tuple[Any]]) -> None:
        factory, args = recipe
        handlers.append(factory(*args))

    _answer(connection, make)
    while handlers:
        _answer(connection, handlers[0])


def _answer(connection: Connection, task: Callable[[Any], Any]) -> None:
    try:
        message = connection.recv_bytes()
    except MemoryError:
        # The rest of the message is still under way: no reply could be read.
        os._exit(_OUT_OF_MEMORY)
    connection.send_bytes(_reply(task, message))


def _reply(task: Callable[[Any], Any], message: bytes) -> bytes:
    try:
        return _pickled("done", task(pickle.loads(message)))  # noqa: S301 - ours
    except MonitorError as error:
        return _pickled("failed", error)
    except MemoryError:
        return _pickled("memory", None)
    except Exception:  # noqa: BLE001 - the parent raises it as a WorkerError
        return _pickled("crash", traceback.format_exc())


def _pickled(status: Status, payload: Any) -> bytes:
    return pickle.dumps((status, payload), protocol=pickle.HIGHEST_PROTOCOL)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _limit_memory(memory_mb: int) -> None:
    if sys.platform == "linux":
        import resource

        limit = memory_mb << 20
        # Not RLIMIT_AS: thread stacks and arenas reserve gigabytes they never touch.
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
