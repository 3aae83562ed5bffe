"""English, of places in a submission's code."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # ---- what an expression holds
    "is-quantity": "{name}",
    "is-transposed": "{name}, transposed",
    "is-multiple": "{factor}{name}",
    "is-of-shape": "{name} in the shape {shape}",
    "is-no-quantity": "none of the quantities of the derivation",
    "is-in-turn": "{names} in turn",
    "holds-some-quantities": "{names}; another time none of the quantities of the derivation",
    "holds-quantities": "{names}",
    "lacks-factor": "the factor {factor} is missing",
    "has-factor-too-many": "the factor {factor} is one too many",
    # ---- why there is none
    "no-places-found": "Where in the code it goes wrong could not be looked for: {text}; please report it",
    "no-quantities-known": "No place in the code can be told in this exercise, as its formula could not be traced: {text}",
    # ---- the box
    "place-at": "{file}{cell:, cell {cell}|}, line {line}",
    "place-is-and-should-be": "this is {held}; here belongs {wanted}{relation:: {relation}|}",
    "place-is": "this is {held}",
    "place-look": "look at this line",
    "follows-from-line": "follows from line {line}",
    "see-line": "see line {line}",
    "lines-follow": "{n:Line {lines} follows|Lines {lines} follow} from it.",
    "tried": "With {n:this one value|these {n} values} corrected, all values and gradients are right: it was tried.",
    "tried-in-part": "With {n:this one value|these {n} values} corrected, these are right: {outputs}. It was tried.",
    "your-code-marked": "Where it goes wrong in your code",
    "their-code-marked": "Where it goes wrong in the code",
    "their-code": "The code, line by line",
    "your-code": "Your code, line by line",
    "what-it-holds": "What the line holds",
    "line": "Line",
    "code": "Code",
}
