"""A process for one submission, where no fork server can be had: it imports torch, waits for a job, runs it, and ends.

Standard input carries three lengths and what they count: the message, the setup and the source. One byte, and then
frames, go to what was standard output; what is printed goes to standard error. In a session, orders follow on standard
input. Uses nothing but what every system has.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import threading
from collections.abc import Sequence
from queue import SimpleQueue
from typing import BinaryIO

import torch

from grader.sandbox.inside.child import flush, furnish, run, unpacked
from grader.sandbox.inside.orders import orders as asked
from grader.sandbox.inside.tasks import unpack

LENGTHS = struct.Struct("<III")
"""Of the message (JSON: name, notebook, skip, modules), of the setup, of the source."""


def main() -> None:
    """Take one job from standard input and run it."""
    torch.set_num_threads(1)
    furnish()
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    frames = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdin = io.StringIO()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)
    frames.write(b"!")
    header = orders.read(LENGTHS.size)
    if len(header) < LENGTHS.size:  # nobody wants anything any more
        return
    message, setup, source = (_exactly(orders, length) for length in LENGTHS.unpack(header))
    told = json.loads(message)

    def send(parts: Sequence[bytes]) -> None:
        view = memoryview(b"".join(parts))
        while view:
            view = view[frames.write(view) :]

    arrived: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_until_the_end, args=(orders, arrived), daemon=True).start()
    data, modules = unpacked(source, told["modules"])
    task, kept = unpack(setup), bytearray()

    def read(count: int) -> bytes:
        while len(kept) < count:
            kept.extend(arrived.get())
        some = bytes(kept[:count])
        del kept[:count]
        return some

    wanted = asked(read, task.trials)
    run(task, told["name"], data, modules, notebook=told["notebook"], skip=told["skip"], send=send, orders=wanted)
    flush()
    os._exit(0)


def _exactly(orders: BinaryIO, count: int) -> bytes:
    """So many bytes, or fewer at the end."""
    found = bytearray()
    while len(found) < count and (some := orders.read(count - len(found))):
        found += some
    return bytes(found)


def _until_the_end(orders: BinaryIO, arrived: SimpleQueue[bytes]) -> None:
    """Take in what comes on standard input, and end the process when its other end is closed."""
    while data := os.read(orders.fileno(), 1 << 16):
        arrived.put(data)
    os._exit(1)
