"""A process for one submission, where no fork server can be had: it imports torch, waits for a job, runs it, and ends.

Standard input carries three lengths and what they count: the message, the setup and the source. One byte, and then
frames, go to what was standard output; what is printed goes to standard error. Uses nothing but what every system has.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO

import torch

from grader.sandbox.inside.child import flush, furnish, run, unpacked
from grader.sandbox.inside.tasks import unpack

LENGTHS = struct.Struct("<III")
"""Of the message (JSON: name, notebook, skip, modules), of the setup, of the source."""


def main() -> None:
    """Take one job from standard input and run it."""
    torch.set_num_threads(1)
    furnish()
    orders = os.fdopen(os.dup(0), "rb")
    frames = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdin = io.StringIO()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)
    frames.write(b"!")
    header = orders.read(LENGTHS.size)
    if len(header) < LENGTHS.size:  # nobody wants anything any more
        return
    message, setup, source = (orders.read(length) for length in LENGTHS.unpack(header))
    told = json.loads(message)

    def send(parts: Sequence[bytes]) -> None:
        view = memoryview(b"".join(parts))
        while view:
            view = view[frames.write(view) :]

    threading.Thread(target=_end_with_parent, args=(orders,), daemon=True).start()
    data, modules = unpacked(source, told["modules"])
    run(unpack(setup), told["name"], data, modules, notebook=told["notebook"], skip=told["skip"], send=send)
    flush()
    os._exit(0)


def _end_with_parent(orders: BinaryIO) -> None:
    """End when the other end of standard input is closed."""
    orders.read()
    os._exit(1)
