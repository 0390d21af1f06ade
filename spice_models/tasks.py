"""Tasks over any executor: a few under way at a time, results as they come, nothing left behind by an interruption."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TypeVar

from spice_models.errors import DescriptionError, EngineError

T = TypeVar("T")
R = TypeVar("R")

UNDER_WAY = 256
"""Tasks handed to an executor at a time [chosen: more than workers, few enough to be called off at once]."""


def run_tasks(function: Callable[[T], R], tasks: Iterable[T], executor: Executor | None) -> Generator[tuple[int, R]]:
    """Call a function on every task and yield its number and result, in whatever order they are done.

    Parameters
    ----------
    function, tasks
        What is called, and with what; both go to workers, so for processes they must pickle.
    executor : Executor, optional
        Any of `concurrent.futures`, `dask.distributed` (``client.get_executor()``) or loky; one after the other in this
        thread if not given.

    Raises
    ------
    Exception
        What a task raised. Tasks that have not begun by then are called off, as they are on Ctrl-C and when the
        generator is closed.
    EngineError
        If a worker died.
    """
    numbered = enumerate(tasks)
    if executor is None:
        for number, task in numbered:
            yield number, function(task)
        return
    under_way: dict[Future[R], int] = {}
    try:
        while True:
            while len(under_way) < UNDER_WAY and (following := next(numbered, None)) is not None:
                under_way[executor.submit(function, following[1])] = following[0]
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=under_way.__getitem__):
                number = under_way.pop(future)
                yield number, future.result()
    except BrokenExecutor as error:
        raise EngineError(
            "a worker process died: killed, out of memory, or unable to start (a script that starts processes needs "
            f"'if __name__ == \"__main__\":' around what it runs): {error}"
        ) from error
    finally:
        for future in under_way:
            future.cancel()


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Start worker processes of our own and end them, at once if an exception such as Ctrl-C comes by.

    Workers are new interpreters: scripts that use them guard their start with ``if __name__ == "__main__":``.
    """
    if count < 1:
        raise DescriptionError(f"the number of worker processes must be at least 1, got {count}")
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_follow_parent)
    try:
        yield pool
    except BaseException:
        workers = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
        raise
    pool.shutdown()


def _follow_parent() -> None:
    """End this worker when its parent is gone: one that was killed cannot say so."""
    parent = parent_process()
    if parent is not None:

        def leave() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=leave, daemon=True).start()
