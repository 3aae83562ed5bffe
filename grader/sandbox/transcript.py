"""Put together what a submission's process sent, printed and how it ended. Believes nothing."""

from __future__ import annotations

import signal
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from grader.records import AnyArray, Observation, Outcome, Run
from grader.sandbox.deadline import Limit
from grader.wire.facts import Fact
from grader.wire.frames import LOADING, READING, Decoder, Frame, Kind, ProtocolViolation

_KEPT_OUTPUT = 8192
_ENDS_AT_THE_LIMIT = (getattr(signal, "SIGXCPU", -1), getattr(signal, "SIGKILL", -1))
"""Signals by which the kernel ends a process at its limit of processor time."""


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
        skip: the numbers of the probes on which it was not to be tried: of these alone nothing is told.
    """

    def __init__(
        self,
        quantities: Mapping[str, Sequence[tuple[str, int]]],
        always: Sequence[str],
        output_limit: int,
        skip: Collection[int] = (),
    ) -> None:
        self._always = always
        self._slots = [(probe, name) for probe, listed in quantities.items() for name, _ in listed]
        self._decoder = Decoder([n for listed in quantities.values() for _, n in listed], len(quantities))
        self._drafts = {probe: _Draft() for probe in quantities}
        self._skipped = {probe for number, probe in enumerate(quantities) if number in skip}
        self._reading = _Draft()
        self._loading = _Draft()
        self._output = bytearray()
        self._printed = 0
        self._output_limit = output_limit
        self._complaint = ""
        self.stopped: Outcome | None = None
        self.limit: Limit | None = None

    @property
    def ended(self) -> bool:
        """Whether it was told that nothing more comes."""
        return self._decoder.ended

    def run_out(self, limit: Limit) -> None:
        """Note that the run must be ended because its time is over."""
        if not self.stopped:
            self.stopped, self.limit = Outcome.TIMED_OUT, limit

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
        if self._reading.told == (frame.slot == READING) or self._reading.outcome is Outcome.UNREADABLE:
            raise ProtocolViolation("it told of something before the file was read, or of a file that cannot be read")
        if frame.kind == Kind.OUTCOME:
            self._note(frame.slot, Outcome(frame.outcome), frame.fact)
            return
        probe, quantity = self._slots[frame.slot]
        if frame.array is not None:
            self._drafts[probe].arrays[quantity] = frame.array
        elif frame.fact is not None:
            self._drafts[probe].notes[quantity] = frame.fact

    def _note(self, slot: int, outcome: Outcome, fact: Fact | None) -> None:
        """Note how reading, loading or a probe ended."""
        if slot == READING:
            self._reading = _Draft(outcome, fact, told=True)
            if outcome is Outcome.UNREADABLE:
                self._loading = self._reading
            return
        draft = self._loading
        if slot != LOADING:
            probe, draft = list(self._drafts.items())[slot]
            if (outcome is Outcome.NOT_RUN) != (probe in self._skipped):
                raise ProtocolViolation(f"the outcome {outcome} of another probe than those that were to be tried")
        draft.outcome, draft.fact, draft.told = outcome, fact, True

    def result(self, status: int | None, limit: float, used: float, seconds: float) -> Run:
        """The run, once its process has ended.

        Args:
            status: the wait status of the process; None if the fork server was lost with it.
            limit: the seconds of processor time that it was allowed.
            used: those that it used, as far as that is known.
            seconds: the seconds that it took.
        """
        outcome, fact = self._loading.outcome, self._loading.fact
        if self._decoder.ended and not self.stopped:
            self._complain_of_gaps()
        if self.stopped or not self._decoder.ended or status != 0:
            if status is not None and status & 0x7F in _ENDS_AT_THE_LIMIT and used >= limit:
                self.run_out(Limit.PROCESSOR)
            outcome, fact = self._ending(status, limit)
            interrupted = next((d for p, d in self._drafts.items() if not d.told and p not in self._skipped), None)
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
                return Outcome.TIMED_OUT, Fact(self.limit or Limit.PROCESSOR, {"seconds": limit})
            case Outcome.TOO_MUCH_OUTPUT:
                return Outcome.TOO_MUCH_OUTPUT, Fact("stopped-after-output", {"kilobytes": self._output_limit >> 10})
            case Outcome.PROTOCOL_VIOLATION:
                return Outcome.PROTOCOL_VIOLATION, Fact("interfered-with-the-channel", {"how": self._complaint})
        if status is None:
            return Outcome.CRASHED, Fact("lost-with-its-server")
        if number := status & 0x7F:  # as WTERMSIG, which some systems lack
            if number == getattr(signal, "SIGSYS", 0):
                return Outcome.REFUSED, Fact("ended-at-a-system-call")
            name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
            return Outcome.CRASHED, Fact("ended-by-a-signal", {"signal": name})
        return Outcome.CRASHED, Fact("ended-by-itself", {"status": status >> 8})
