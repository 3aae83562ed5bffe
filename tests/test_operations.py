"""PyTorch's own operations: the oracles agree on them, or an author reads why not."""

from __future__ import annotations

import warnings

import pytest
import torch

from tests.operations import cases, tried

AGREE = [
    "addmm",
    "baddbmm",
    "cumprod",
    "cumsum",
    "diff",
    "einsum",
    "exp",
    "gather",
    "index_add",
    "index_select",
    "kron",
    "linalg.cholesky",
    "linalg.eigh",
    "linalg.inv",
    "linalg.solve",
    "logsumexp",
    "masked_fill",
    "matmul",
    "nn.functional.batch_norm",
    "nn.functional.conv2d",
    "nn.functional.cross_entropy",
    "nn.functional.embedding",
    "nn.functional.gaussian_nll_loss",
    "nn.functional.gelu",
    "nn.functional.layer_norm",
    "nn.functional.max_pool2d",
    "nn.functional.nll_loss",
    "nn.functional.scaled_dot_product_attention",
    "column_stack",
    "prod",
    "scatter_add",
    "sigmoid",
    "softmax",
    "std",
    "take_along_dim",
    "tanh",
    "where",
    "bernoulli",
    "nn.functional.dropout",
]
EXPLAINED = {"as_strided_scatter": "they differ by"}
"""Operation -> words that an author reads."""


@pytest.fixture(scope="module")
def results():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's, on its own samples
        found = {case.name: tried(case) for case in cases((set(AGREE) | set(EXPLAINED)).__contains__)}
    torch.set_default_dtype(before)
    return found


def test_the_oracles_agree_on_39_operations_of_pytorch_with_narrow_bars(results):
    assert len(AGREE) == 39
    assert {name: results[name].message for name in AGREE if results[name].message} == {}
    assert max(results[name].bar for name in AGREE) < 1e-3


@pytest.mark.parametrize("name", EXPLAINED)
def test_an_author_reads_why_they_do_not_agree_on_another_one(results, name):
    assert EXPLAINED[name] in results[name].message
