"""What a session is asked to do: read from a stream, one order after the other."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from grader.sandbox.inside.child import ProbeTask, Read

LENGTHS = struct.Struct("<II")
"""Of the text and of the values of an order, as `grader.sandbox.jobs.packed` writes them."""


def orders(read: Read, probes: Sequence[ProbeTask]) -> Iterator[list[ProbeTask]]:
    """The reruns of each order, until there are no more."""
    while len(header := read(LENGTHS.size)) == LENGTHS.size:
        text, size = LENGTHS.unpack(header)
        described, values = json.loads(read(text)), np.frombuffer(read(size), "<f8")
        reruns, start = [], 0
        for rerun in described:
            placed = {}
            for node, call, visit, shape in rerun["patches"]:
                end = start + math.prod(shape)
                placed[node, call, visit] = values[start:end].reshape(shape)
                start = end
            slots = [(slot, quantity, entries) for slot, quantity, entries in rerun["slots"]]
            reruns.append(replace(probes[rerun["probe"]], slots=slots, patches=placed))
        yield reruns
