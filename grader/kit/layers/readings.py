"""All that a declaration may legally be read as: layouts of inputs, fixed values, factors of gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from grader.kit.layers.domains import Domain
from grader.kit.layers.expressions import Expression


def all_readings(
    domains: Mapping[str, tuple[Domain, ...]], scales: Mapping[str, tuple[Expression, ...]]
) -> Iterator[tuple[dict[str, Domain], dict[str, Expression]]]:
    """Every combination of what inputs and factors may be, the first of each first.

    Gradients with the same factors to choose from have one of these together: that is one convention.
    """
    conventions = {tuple(factor.text for factor in each): each for each in scales.values()}
    for chosen in product(*domains.values()):
        for factors in product(*conventions.values()):
            picked = dict(zip(conventions, factors, strict=True))
            factor_of = {name: picked[tuple(each.text for each in scales[name])] for name in scales}
            yield dict(zip(domains, chosen, strict=True)), factor_of
