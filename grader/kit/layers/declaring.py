"""What is wrong with a declaration, and pieces that its parsers share."""

from __future__ import annotations

from collections.abc import Iterator

_OPENING, _CLOSING = "([{", ")]}"


class DeclarationError(ValueError):
    """A declaration that cannot be used: says what is wrong with it, and what to write instead.

    Attributes:
        layer: the name of the layer, where there are several.
    """

    layer = ""

    def of(self, layer: str) -> DeclarationError:
        """The same, which names the layer."""
        named = DeclarationError(f"layer `{layer}`: {self}")
        named.layer = layer
        return named


class FormulaError(DeclarationError):
    """A formula that cannot be used: says what is wrong with it, and what to write instead.

    Args:
        line: of the file in which the formula stands; 0 where it is not known.
    """

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.line = line

    def of(self, layer: str) -> FormulaError:
        """The same, which names the layer."""
        named = FormulaError(f"layer `{layer}`: {self}", self.line)
        named.layer = layer
        return named


def parts(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand in no bracket and no quotes, without spaces around them.

    For example `parts("x: N D, w: (2, 3)", ",")` is `["x: N D", "w: (2, 3)"]`.

    Raises:
        DeclarationError: a bracket or a quote is not closed.
    """
    found, start = [], 0
    for at in places(text, separator):
        found.append(text[start:at].strip())
        start = at + len(separator)
    return [*found, text[start:].strip()]


def places(text: str, wanted: str) -> Iterator[int]:
    """Where something stands in a text outside of all brackets and quotes.

    Raises:
        DeclarationError: a bracket or a quote is not closed.
    """
    depth, quote, found = 0, "", []
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _CLOSING:
            depth -= 1
        elif depth == 0 and text.startswith(wanted, at):
            found.append(at)
        if not quote and letter in _OPENING:
            depth += 1
        if depth < 0:
            raise DeclarationError(f"`{text}`: a `{letter}` closes nothing")
    if depth or quote:
        raise DeclarationError(f"`{text}`: a {'quote' if quote else 'bracket'} is not closed")
    yield from found
