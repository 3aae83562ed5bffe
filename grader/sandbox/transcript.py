"""Put together what a submission's process sent, printed and how it ended. Believes nothing."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.records import AnyArray, Observation, Outcome, Run
from grader.wire.facts import Fact
from grader.wire.frames import LOADING, Decoder, Frame, Kind, ProtocolViolation

_KEPT_OUTPUT = 8192


@dataclass
class _Draft:
    """An observation in the making."""

    outcome: Outcome = Outcome.NOT_RUN
    fact: Fact | None = None
    told: bool = False
    arrays: dict[str, AnyArray] = field(default_factory=dict)
    notes: dict[str, Fact] = field(default_factory=dict)


class Transcript:
    """What is known of one run so far.

    Args:
        quantities: for each probe, the name and the number of entries of what may be reported; in the order of slots.
        always: names among these that every probe reports, as whole numbers, however it ends.
        output_limit: bytes of output after which the run is to be stopped.
    """

    def __init__(
        self, quantities: Mapping[str, Sequence[tuple[str, int]]], always: Sequence[str], output_limit: int
    ) -> None:
        self._always = always
        self._slots = [(probe, name) for probe, listed in quantities.items() for name, _ in listed]
        self._decoder = Decoder([n for listed in quantities.values() for _, n in listed], len(quantities))
        self._drafts = {probe: _Draft() for probe in quantities}
        self._loading = _Draft()
        self._output = bytearray()
        self._printed = 0
        self._output_limit = output_limit
        self._complaint = ""
        self.stopped: Outcome | None = None

    def stop(self, why: Outcome) -> None:
        """Note that the run must be ended, and why; the first reason counts."""
        self.stopped = self.stopped or why

    def feed_output(self, data: bytes) -> None:
        """Bytes that the submission printed."""
        self._printed += len(data)
        self._output += data[: max(0, _KEPT_OUTPUT - len(self._output))]
        if self._printed > self._output_limit:
            self.stop(Outcome.TOO_MUCH_OUTPUT)

    def feed_frames(self, data: bytes) -> None:
        """Bytes that claim to be frames."""
        if self.stopped is Outcome.PROTOCOL_VIOLATION:
            return
        try:
            for frame in self._decoder.feed(data):
                self._take(frame)
        except ProtocolViolation as violation:
            self._complaint = str(violation)
            self.stop(Outcome.PROTOCOL_VIOLATION)

    def _take(self, frame: Frame) -> None:
        if frame.kind == Kind.END:
            return
        if frame.kind == Kind.OUTCOME:
            draft = self._loading if frame.slot == LOADING else list(self._drafts.values())[frame.slot]
            draft.outcome, draft.fact, draft.told = Outcome(frame.outcome), frame.fact, True
            return
        probe, quantity = self._slots[frame.slot]
        if frame.array is not None:
            self._drafts[probe].arrays[quantity] = frame.array
        elif frame.fact is not None:
            self._drafts[probe].notes[quantity] = frame.fact

    def result(self, status: int | None, limit: float, seconds: float) -> Run:
        """The run, once its process has ended.

        Args:
            status: the wait status of the process; None if the fork server was lost with it.
            limit: the seconds that it was allowed.
            seconds: the seconds that it took.
        """
        outcome, fact = self._loading.outcome, self._loading.fact
        if self._decoder.ended and not self.stopped:
            self._complain_of_gaps()
        if self.stopped or not self._decoder.ended or status != 0:
            outcome, fact = self._ending(status, limit)
            interrupted = next((draft for draft in self._drafts.values() if not draft.told), None)
            if not self._loading.told:
                fact = Fact("while-loading", {"what": fact})
            elif interrupted and outcome is not Outcome.PROTOCOL_VIOLATION:
                interrupted.outcome, interrupted.fact = outcome, fact
                outcome, fact = Outcome.RETURNED, None  # told of the probe
        if outcome is Outcome.PROTOCOL_VIOLATION:
            self._drafts = {probe: _Draft(outcome, fact, told=True) for probe in self._drafts}
        return Run(
            outcome=outcome,
            fact=fact,
            observations={
                probe: Observation(d.outcome, d.fact, d.arrays, d.notes) for probe, d in self._drafts.items()
            },
            output=self._output.decode("utf-8", "replace"),
            seconds=seconds,
        )

    def _complain_of_gaps(self) -> None:
        """An honest process tells how loading ended; then, if that went well, all of every probe, evidence included."""
        missing = not self._loading.told
        if self._loading.outcome is Outcome.RETURNED:
            missing = not all(draft.told for draft in self._drafts.values())
        skipped = (Outcome.NOT_RUN, Outcome.NOT_ATTEMPTED)
        tried = [draft for draft in self._drafts.values() if draft.arrays or draft.outcome not in skipped]
        evidence = [draft.arrays.get(name) for draft in tried for name in self._always]
        if missing or any(array is None or array.dtype.kind != "i" for array in evidence):
            self._complaint = "it ended before all was told"
            self.stop(Outcome.PROTOCOL_VIOLATION)

    def _ending(self, status: int | None, limit: float) -> tuple[Outcome, Fact]:
        """What happened to a process that did not get to its end."""
        match self.stopped:
            case Outcome.TIMED_OUT:
                return Outcome.TIMED_OUT, Fact("stopped-after-seconds", {"seconds": limit})
            case Outcome.TOO_MUCH_OUTPUT:
                return Outcome.TOO_MUCH_OUTPUT, Fact("stopped-after-output", {"kilobytes": self._output_limit >> 10})
            case Outcome.PROTOCOL_VIOLATION:
                return Outcome.PROTOCOL_VIOLATION, Fact("interfered-with-the-channel", {"how": self._complaint})
        if status is None:
            return Outcome.CRASHED, Fact("lost-with-its-server")
        if number := status & 0x7F:  # as WTERMSIG, which some systems lack
            if number == getattr(signal, "SIGXCPU", 0):
                return Outcome.TIMED_OUT, Fact("used-up-processor-time")
            if number == getattr(signal, "SIGSYS", 0):
                return Outcome.REFUSED, Fact("ended-at-a-system-call")
            name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
            return Outcome.CRASHED, Fact("ended-by-a-signal", {"signal": name})
        return Outcome.CRASHED, Fact("ended-by-itself", {"status": status >> 8})
