"""Whether the three oracles agree on PyTorch's own database of operations, and what an author reads where they do not.

    python -m benchmarks.operations [WORD ...]

Of each operation that PyTorch differentiates in float64, the first sample of its database is one exercise: L is the
sum of what it returns, each entry times a number drawn once, differentiated with respect to all that PyTorch's own
tests differentiate. Integers and masks among its arguments are inputs that stay what they are. Matrices that an
operation reads as symmetric or triangular are made so inside of the formula, as PyTorch's own tests do. With WORDs,
only operations whose names contain one of them; then each message is printed whole.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Iterator

from grader.key.builder import prepare
from tests.operations import Result, cases, tried


def summary(results: list[Result]) -> Iterator[str]:
    """How many agree, how narrow their bars are, and how many of the others there are of each kind."""
    agreed = [r for r in results if not r.message]
    yield f"{len(agreed)} of {len(results)} operations agree"
    if agreed:
        widest = max(agreed, key=lambda r: r.bar)
        yield f"largest relative bar: {widest.bar:.1e} ({widest.name})"
    longest = max(results, key=lambda r: r.seconds)
    yield f"processor time: {sum(r.seconds for r in results):.0f} s; {longest.name}: {longest.seconds:.1f} s"
    yield from (f"{count:4} {kind}" for kind, count in Counter(r.kind for r in results if r.message).most_common())


def main() -> None:
    """Try them all; print a row for each that does not agree, and how many do."""
    parser = argparse.ArgumentParser(description="The oracles on PyTorch's own operations.")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only operations whose names contain one of these")
    words = parser.parse_args().words
    prepare()
    warnings.simplefilter("ignore")  # PyTorch's, on its own samples
    results = []
    print("| operation | in a word | what an author reads |\n|---|---|---|")
    for case in cases(lambda name: not words or any(word in name for word in words)):
        results.append(tried(case))
        if results[-1].message:
            told = results[-1].message.replace("\n", " ").replace("|", "/")
            print(f"| {case.name} | {results[-1].kind} | {told if words else told[:200]} |", flush=True)
    print("", *summary(results), sep="\n")


if __name__ == "__main__":
    main()
