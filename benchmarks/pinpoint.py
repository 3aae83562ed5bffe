"""Does pinpoint find the line? Right submissions with one expression changed, so that numbers are wrong.

    python benchmarks/pinpoint.py [--only mynet,functions,mlp,relu] [--seconds N] [--seed TEXT] [--pairs]

Every right Python file of the corpus is changed in one place by each kind of edit that fits; what is drawn from all
these mutants is graded in the sandbox, until the time is over. A mutant that loses no marks is another right
submission; one that raises an error is counted for itself. Of the others are told: how often the first place lies on
the changed line, how often all comes right with the places that are told, how often nothing is said, and how often
another line is blamed. With `--pairs`, two expressions on different lines are changed.
"""

from __future__ import annotations

import argparse
import ast
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from grader import grading, submission
from grader.assignment import load
from grader.course import find_course
from grader.keys import obtain_key
from grader.records import Outcome, Report
from grader.sandbox.levels import Machine, choose
from grader.sandbox.pool import Pool

EXERCISES = ("mynet", "functions", "mlp", "relu")
OTHER_OPERATORS = {ast.Sub: "+", ast.Add: "-", ast.Mult: "/", ast.Div: "*"}


@dataclass(frozen=True)
class Mutant:
    """A file with some of its lines changed."""

    file: Path
    kinds: tuple[str, ...]
    lines: tuple[int, ...]
    source: str


def edits(source: str) -> Iterator[tuple[str, int, int, int, str]]:
    """All edits of expressions within functions: kind, line, columns in bytes, and what stands there instead."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    seen = set()
    indices = {id(n) for node in ast.walk(tree) for part in _counted(node) for n in ast.walk(part)}
    for node in (n for f in functions for statement in f.body for n in ast.walk(statement)):
        if isinstance(node, ast.expr) and id(node) not in indices and node.lineno == node.end_lineno:
            for kind, text in _instead(node):
                place = (node.lineno, node.col_offset, node.end_col_offset or 0)
                if (place, text) not in seen:
                    seen.add((place, text))
                    yield kind, *place, text


def _counted(node: ast.AST) -> list[ast.AST]:
    """What counts layers and holds no numbers of the derivation."""
    if isinstance(node, ast.Subscript):
        return [node.slice]
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("range", "len", "str"):
        return [*node.args]
    return [node.test] if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) else []


def _instead(node: ast.expr) -> Iterator[tuple[str, str]]:
    text = ast.unparse
    match node:
        case ast.Constant(value=2):
            yield from (("factor 1 for 2", "1"), ("factor 3 for 2", "3"))
        case ast.BinOp(left, op, right):
            one, other = f"({text(left)})", f"({text(right)})"
            if type(op) in OTHER_OPERATORS:
                yield f"{OTHER_OPERATORS[type(op)]} for its opposite", f"({one} {OTHER_OPERATORS[type(op)]} {other})"
            if isinstance(op, ast.Sub):
                yield "difference turned round", f"({other} - {one})"
            if isinstance(op, ast.Mult):
                yield from (("right factor left out", one), ("left factor left out", other))
            if isinstance(op, ast.MatMult):
                yield "product turned round", f"({other} @ {one})"
            if isinstance(op, ast.Pow):
                yield "another power", f"({one} ** 3)"
            if isinstance(op, ast.Sub | ast.Mult | ast.MatMult):
                yield from (("twice as much", f"(2 * ({text(node)}))"), ("minus sign", f"(-({text(node)}))"))
        case ast.UnaryOp(ast.USub(), operand):
            yield "minus left out", f"({text(operand)})"
        case ast.Attribute(value, "T"):
            yield "transpose left out", text(value)
        case ast.Attribute(value, "a"):
            yield "z for a", f"{text(value)}.z"
        case ast.Attribute(value, "z"):
            yield "a for z", f"{text(value)}.a"
        case ast.Subscript(ast.Attribute(attr="a" | "z") as value, ast.BinOp(left, ast.Sub(), ast.Constant(value=1))):
            yield "layer above", f"{text(value)}[{text(left)}]"
        case ast.Call(ast.Attribute(value, "sum"), args, keywords):
            yield "mean for sum", text(ast.Call(ast.Attribute(value, "mean"), args, keywords))
        case ast.Call(ast.Attribute(value, "tanh"), [argument]):
            yield "tanh left out", f"({text(argument)})"
        case ast.Call(ast.Subscript(), [argument]):
            yield "slope left out", f"({text(argument)})"
        case ast.Compare(left, [ast.Gt()], [right]):
            yield "mask turned round", f"({text(left)} < {text(right)})"


def changed(source: str, some: list[tuple[str, int, int, int, str]]) -> str:
    """The source after edits on different lines."""
    lines = source.split("\n")
    for _, line, start, end, text in some:
        data = lines[line - 1].encode()
        lines[line - 1] = (data[:start] + text.encode() + data[end:]).decode()
    return "\n".join(lines)


def mutants(folder: Path, rng: random.Random, *, pairs: bool) -> list[Mutant]:
    """All mutants of the right files of an exercise, shuffled; of pairs so many as of single edits."""
    found = []
    for path in sorted(folder.glob("*.py")):
        try:
            source = path.read_text(encoding="utf-8")
            listed = list(edits(source))
        except (SyntaxError, UnicodeDecodeError):  # right as far as it can be read
            continue
        for one in listed:
            some = [one, *([rng.choice(listed)] if pairs else [])]
            if not pairs or some[0][1] != some[1][1]:
                kinds, lines = zip(*((edit[0], edit[1]) for edit in some), strict=True)
                found.append(Mutant(path, kinds, lines, changed(source, some)))
    rng.shuffle(found)
    return found


def judged(report: Report, mutant: Mutant) -> str:
    """In a word, what the report says of a mutant."""
    diagnosis = report.diagnosis
    if report.score >= report.out_of:
        return "loses nothing"
    error = report.outcome is not Outcome.RETURNED or report.failures
    lines = [place.line for place in diagnosis.places][: len(mutant.lines)]
    if not lines:
        said = "nothing said"
    elif set(lines) <= set(mutant.lines):
        whole = len(set(lines)) == len(mutant.lines) and diagnosis.mended
        said = "found, all mended" if whole else "found in part"
    else:
        said = "another line blamed"
    return f"{said} (raises)" if error else said


def main() -> None:
    """Print the rates, by exercise and by kind of edit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(EXERCISES))
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--seed", default="pinpoint")
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument(
        "--show", action="store_true", help="print each mutant of which another line is blamed, or nothing said"
    )
    options = parser.parse_args()
    course, names = find_course(), options.only.split(",")
    total, used = Counter(), []
    with Pool(choose(Machine.here(), allow_weak=True), [course / "assignments"]) as pool:
        for name in names:
            assignment = load(course, name)
            key = obtain_key(assignment, "benchmark of pinpoint", print)
            pool.prepare(grading.setup(assignment, key))
            counts, kinds = Counter(), defaultdict(Counter)
            end = time.monotonic() + options.seconds / len(names)
            for mutant in mutants(
                course / "tests/submissions" / name / "right", random.Random(options.seed), pairs=options.pairs
            ):
                if time.monotonic() > end:
                    break
                handed_in = replace(submission.accept(mutant.file, mutant.source.encode()))
                before = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
                report = grading.grade(
                    handed_in, assignment, key, pool, grading.Limits.of(assignment, 5), lambda _, key=key: key
                )
                used.append(time.process_time() - before[0])
                said = judged(report, mutant)
                counts[said] += 1
                kinds[mutant.kinds[0]][said] += 1
                if options.show and said.startswith(("another", "nothing")):
                    lines = [mutant.source.split("\n")[line - 1].strip() for line in mutant.lines]
                    print(
                        "  ",
                        said,
                        mutant.file.name,
                        mutant.kinds,
                        mutant.lines,
                        lines,
                        [(p.line, p.text) for p in report.diagnosis.places],
                    )
            print(name, dict(counts))
            for kind, by in sorted(kinds.items()):
                print(f"    {kind:28s}", dict(by))
            total += counts
    print("all", dict(total))
    print(f"processor time of the grading process: median {sorted(used)[len(used) // 2]:.2f} s, most {max(used):.2f} s")


if __name__ == "__main__":
    main()
