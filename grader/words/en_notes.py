"""English: what an exercise finds where a number is missing."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # ---- functions and what they give back
    "call-gives-another-count": "was not given: `{call}` gives {have:one value|{have} values}, and must give {want}: {names}",
    "call-gives-something-else": "was not given: `{call}` gives a {type}, and must give {names}",
    "call-has-no-attribute": "was not given: `{name}` has no attribute `{attribute}`",
    "call-has-no-entry": "was not given: `{name}` has no entry {key}",
    "has-another-shape": "has shape {have}, must have shape {want}",
    "nothing-was-added": "was not stored: nothing was added to {name}",
    "one-number-was-added": "was not stored: one and the same number was added to every entry of {name}",
    "too-slow": "was not computed: one example takes {milliseconds} ms",
    # ---- dictionaries
    "dictionary-replaced": "was not stored: {place} is now a {type}, and must stay a dictionary",
    "stored-under-a-text": "was stored under the key '{key}', a text; the key must be the number {key}",
    "put-into-grad-of-the-weight": "was put into the attribute .grad of the weight; it must be stored in {place}",
    "put-into-grad-of-the-bias": "was put into the attribute .grad of the bias; it must be stored in {place}",
    "returned-and-not-stored": "was not stored in {place}; what the function returns is not looked at",
    # ---- forward and backward of a class
    "no-gradient-computed": "does not count: no gradient was computed",
    "is-none": "is None",
    "backward-not-implemented": "is not there: backward is not implemented",
    "backward-gives-nothing": "is missing: backward returns nothing",
    "backward-gives-fewer": "is missing: backward returns {have} of the {want} gradients",
    "changes-after-another-forward": "changes when forward was called once more before backward",
    # ---- a Function and its Module
    "is-no-tensor": "is not a tensor but {type}",
    "returned-no-tensor": "cannot be computed: what was returned is not a tensor",
    "gradient-raised": "was not computed: {type}: {text}",
    "gradient-stops": "was not computed: no gradient came back that far, it stops on the way",
    "gradient-does-not-reach-layer": "was not computed: it did not reach this layer",
    "gradient-does-not-come-back": "fails: the gradient of {name} does not come back",
    "gradient-is-another": "fails: the gradient of {name} is another one",
    "module-gives-truth-values": "was not computed: the Module gives truth values, which cannot be differentiated",
    "module-gives-whole-numbers": "was not computed: the Module gives whole numbers, which cannot be differentiated",
    "module-has-backward": "is not yours: the Module has a method `backward`, and autograd calls that of a Function only",
    "no-function-in-file": "is not yours: there is no Function in the file, and autograd derives what the Module computes",
    "not-by-way-of-function": "did not pass your Function: the Module must return what apply gives",
    "printing-failed": "failed: {type}: {text}",
    "called": "called: {text}",
    "noticed": "{text}",
}
