"""The child on its own: what it holds, what it obeys, and that it never stays behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil
import pytest
from orders import order_for, write_endless_picture, write_picture

from pixelcraft_desktop.decoders import child
from pixelcraft_desktop.decoders.wire import Message, order_to_message, receive, send

PATIENCE_S = 30
# A program that decodes, tells its child's id once that is busy, and waits to be killed.
PROGRAM = """
import multiprocessing, sys
from pathlib import Path
from orders import order_for
from pixelcraft_desktop.decoders.decoder import Decoder
from pixelcraft_desktop.decoders.memory import MemoryBudget

def tell(stage, progress):
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)

if __name__ == "__main__":
    Decoder(MemoryBudget(10**9), 600).render(order_for(Path(sys.argv[1])), tell)
"""


class Child:
    """A real child and our ends of its two pipes."""

    def __init__(self, parent_id: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.orders, their_orders = context.Pipe()
        their_lifeline, self.lifeline = context.Pipe(duplex=False)
        self.process: SpawnProcess = context.Process(
            target=child.main, args=(their_orders, their_lifeline, parent_id), daemon=True
        )
        self.process.start()
        their_orders.close()
        their_lifeline.close()

    @property
    def pid(self) -> int:
        """The child's id."""
        assert self.process.pid is not None
        return self.process.pid

    def hear(self) -> Message:
        """Return the child's next word."""
        assert self.orders.poll(PATIENCE_S)
        return receive(self.orders)

    def exit_code(self) -> int | None:
        """Wait for the child to end by itself."""
        self.process.join(PATIENCE_S)
        return self.process.exitcode

    def close(self) -> None:
        """End the child."""
        self.orders.close()
        self.lifeline.close()
        self.process.kill()
        self.process.join()


@pytest.fixture
def new_child() -> Iterator[Child]:
    new_child = Child(os.getpid())
    yield new_child
    new_child.close()


@pytest.fixture
def ready_child(new_child: Child) -> Child:
    assert new_child.hear() == {"ready": True}
    return new_child


def begin(ready_child: Child, path: Path) -> None:
    """Have the child in the middle of a picture."""
    send(ready_child.orders, order_to_message(order_for(path)))
    assert ready_child.hear() == {"stage": "reading", "progress": 0}
    size_bytes = ready_child.hear()["memory"]
    send(ready_child.orders, {"granted": size_bytes})


def finish(ready_child: Child) -> Message:
    """Return the child's answer, past all stages."""
    while "stage" in (message := ready_child.hear()):
        pass
    return message


def test_it_renders_one_order_after_the_other(ready_child: Child, tmp_path: Path) -> None:
    for _ in range(3):
        begin(ready_child, write_picture(tmp_path))
        assert finish(ready_child)["rendering"]["width"] == 64


def test_it_holds_nothing_of_its_parents(tmp_path: Path) -> None:
    with (tmp_path / "secret").open("wb") as secret:
        os.set_inheritable(secret.fileno(), True)
        new_child = Child(os.getpid())
        assert new_child.hear() == {"ready": True}
    folder = Path(f"/proc/{new_child.pid}/fd")
    held = {int(path.name): str(path.readlink()) for path in folder.iterdir()}
    new_child.close()
    assert [held[number] for number in (0, 1, 2)] == [os.devnull] * 3
    # The two pipes to the parent, and three that multiprocessing keeps for itself.
    others = set(held.values()) - {os.devnull}
    assert all(target.startswith(("pipe:", "socket:")) for target in others)
    assert not others & {os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2)}
    assert len(others) <= 5


def test_it_is_polite_and_leaves_signals_to_its_parent(ready_child: Child, tmp_path: Path) -> None:
    assert psutil.Process(ready_child.pid).nice() >= child.NICENESS
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(ready_child.pid, number)
    begin(ready_child, write_picture(tmp_path))
    assert "rendering" in finish(ready_child)


def test_it_lifts_the_memory_limit_again(ready_child: Child, tmp_path: Path) -> None:
    process = psutil.Process(ready_child.pid)
    before = process.rlimit(psutil.RLIMIT_AS)
    send(ready_child.orders, order_to_message(order_for(write_picture(tmp_path))))
    assert ready_child.hear()["stage"] == "reading"
    size_bytes = ready_child.hear()["memory"]
    at_first = process.rlimit(psutil.RLIMIT_AS)
    assert 0 < at_first[0] < 10**9  # what tells the size may be a trap already
    send(ready_child.orders, {"granted": size_bytes})
    assert ready_child.hear()["stage"] == "thumbnail"
    during = process.rlimit(psutil.RLIMIT_AS)
    assert at_first[0] < during[0] < 10**9
    assert size_bytes < during[0]
    assert "rendering" in finish(ready_child)
    # It lifts the limit before it answers.
    assert process.rlimit(psutil.RLIMIT_AS) == before


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a peak can't be forgotten")
def test_each_picture_has_a_peak_of_its_own(ready_child: Child, tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    large = write_picture(tmp_path / "large", (4_000, 3_000))
    small = write_picture(tmp_path)
    peaks = []
    for path in (small, large, small):
        begin(ready_child, path)
        peaks.append(finish(ready_child)["rendering"]["peak_memory_bytes"])
    assert peaks[1] > peaks[0] + 12_000_000
    assert peaks[2] < peaks[1] - 8_000_000


def test_a_failure_tells_its_peak_too(ready_child: Child, tmp_path: Path) -> None:
    send(ready_child.orders, order_to_message(order_for(tmp_path / "nothing.png")))
    answer = finish(ready_child)
    assert answer["failure"] == "source_missing"
    assert 5_000_000 < answer["peak_memory_bytes"] < 500_000_000


def test_an_order_that_is_none_is_a_bug_and_said_so(ready_child: Child, tmp_path: Path) -> None:
    send(ready_child.orders, {"dance": True})
    answer = ready_child.hear()
    assert answer["failure"] == "internal_error"
    assert "KeyError" in answer["traceback"]
    begin(ready_child, write_picture(tmp_path))
    assert "rendering" in finish(ready_child)


def test_it_ends_when_nonsense_comes(ready_child: Child) -> None:
    ready_child.orders.send_bytes(b"nonsense")
    assert ready_child.exit_code() == 1


def test_it_ends_when_no_more_orders_can_come(ready_child: Child) -> None:
    ready_child.orders.close()
    assert ready_child.exit_code() == 0


def test_it_ends_when_its_lifeline_does(ready_child: Child) -> None:
    ready_child.lifeline.close()
    assert ready_child.exit_code() == 1


def test_it_does_not_even_begin_for_a_parent_that_is_gone() -> None:
    orphan = Child(parent_id=1)
    assert orphan.exit_code() == 1
    with pytest.raises(EOFError):
        orphan.hear()
    orphan.close()


def test_it_dies_with_a_parent_that_is_killed_in_the_middle(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    paths = [str(Path(__file__).parent), *sys.path]
    parent = subprocess.Popen(
        [sys.executable, program, write_endless_picture(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    assert parent.stdout is not None
    with contextlib.closing(parent.stdout):
        (pid,) = map(int, parent.stdout.readline().split())
        busy = psutil.Process(pid)
        # Well into the decoder, which does not let go of the interpreter.
        while busy.cpu_times().user < 0.5:
            assert busy.status() != psutil.STATUS_ZOMBIE
        parent.kill()
        parent.wait(PATIENCE_S)
        _, alive = psutil.wait_procs([busy], timeout=PATIENCE_S)
        assert alive == []
        assert parent.stdout.read() == ""
