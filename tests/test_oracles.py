"""The oracles: independent, within their error bars, and never silent when they disagree."""

from __future__ import annotations

import re
import sys

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import AssignmentError, OracleDisagreement
from grader.oracles import ORACLES, Problem, consensus, estimate
from grader.oracles.majorants import majorants
from grader.oracles.problem import rounded_points
from grader.oracles.tails import Tails
from grader.records import Estimate, Network
from grader.tolerance import DOUBLE, SINGLE, forward, loss, measured_error, rounding_error


def tanh_network(tensors):
    a, level = tensors["x"], 1
    while f"w[{level}]" in tensors:
        a = torch.tanh(a @ tensors[f"w[{level}]"].T + tensors[f"b[{level}]"])
        level += 1
    return ((a - tensors["y"]) ** 2).sum()


def random_network(widths, batch, seed, scale=1.0) -> Network:
    rng = np.random.default_rng(seed)
    return Network(
        weights=tuple(rng.normal(0, scale * a**-0.5, (b, a)) for a, b in zip(widths, widths[1:], strict=False)),
        biases=tuple(rng.normal(0, 0.5, b) for b in widths[1:]),
        x=rng.normal(0, 1, (batch, widths[0])),
        y=rng.normal(0, 1, (batch, widths[-1])),
    )


def exact_gradient(network: Network) -> dict[str, np.ndarray]:
    """The chain rule in 40 digits."""
    with mpmath.workdps(40):
        gradient = {}
        for example in range(len(network.x)):
            a = [mpmath.matrix(network.x[example].tolist())]
            for weight, bias in zip(network.weights, network.biases, strict=True):
                z = mpmath.matrix(weight.tolist()) * a[-1] + mpmath.matrix(bias.tolist())
                a.append(z.apply(mpmath.tanh))
            error = 2 * (a[-1] - mpmath.matrix(network.y[example].tolist()))
            for level in range(len(network.weights), 0, -1):
                delta = mpmath.matrix([e * (1 - v * v) for e, v in zip(error, a[level], strict=True)])
                for name, part in ((f"w[{level}]", delta * a[level - 1].T), (f"b[{level}]", delta)):
                    gradient[name] = gradient.get(name, 0 * part) + part
                error = mpmath.matrix(network.weights[level - 1].T.tolist()) * delta
        return {
            name: np.array([[float(v) for v in row] for row in part.tolist()]).reshape(
                network.weights[int(name[2:-1]) - 1].shape if name[0] == "w" else -1
            )
            for name, part in gradient.items()
        }


networks = st.builds(
    random_network,
    widths=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    batch=st.integers(1, 3),
    seed=st.integers(0, 2**32),
    scale=st.sampled_from([0.1, 1.0, 4.0]),
)


@pytest.mark.parametrize("oracle", ORACLES)
@settings(max_examples=60)
@given(network=networks)
def test_an_oracle_is_within_its_error_bar_of_the_exact_gradient_at_any_depth(oracle, network):
    estimates = ORACLES[oracle](Problem.of_network(tanh_network, network))
    for name, exact in exact_gradient(network).items():
        assert estimates[name].value.shape == exact.shape
        assert np.all(np.abs(estimates[name].value - exact) <= estimates[name].error + 1e-300), name


@settings(max_examples=60)
@given(network=networks)
def test_the_oracles_agree_on_every_network(network):
    agreed = estimate(Problem.of_network(tanh_network, network))
    assert set(agreed) == {f"{kind}[{level}]" for kind in "wb" for level in range(1, len(network.weights) + 1)}


def test_finite_differences_are_sharp_enough_to_find_a_relative_error_of_1e_8_on_the_digit_sized_network():
    network = random_network([576, 16, 10], 1, 0)
    estimates = ORACLES["finite differences"](Problem.of_network(tanh_network, network))
    for estimate_ in estimates.values():
        assert np.max(estimate_.error / np.max(np.abs(estimate_.value))) < 1e-8


def test_the_bound_of_finite_differences_is_not_met_by_being_huge():
    network = random_network([3, 3, 3, 3], 1, 5)
    estimates = ORACLES["finite differences"](Problem.of_network(tanh_network, network))
    for name, exact in exact_gradient(network).items():
        assert np.max(estimates[name].error) < 1e-7 * max(1.0, float(np.max(np.abs(exact))))


@pytest.mark.parametrize(("widths", "layer"), [([2, 3], 1), ([2, 3, 2], 1), ([2, 2, 3, 2], 1), ([2, 2, 3, 2], 2)])
def test_the_bound_on_the_fifth_derivative_is_one_and_not_a_wild_one(widths, layer):
    network = random_network(widths, 1, 3)
    tails = Tails.of(network)
    bounds = majorants(tails, layer, reach=2.0**-4)
    for unit in range(widths[layer]):

        def loss_of(s, unit=unit):
            a = mpmath.matrix(tails.a[layer - 1][0].tolist())
            for level in range(layer, len(widths)):
                z = mpmath.matrix(network.weights[level - 1].tolist()) * a + mpmath.matrix(
                    network.biases[level - 1].tolist()
                )
                if level == layer:
                    z[unit] += s
                a = z.apply(mpmath.tanh)
            return sum((p - y) ** 2 for p, y in zip(a, network.y[0].tolist(), strict=True))

        with mpmath.workdps(40):
            largest = max(abs(mpmath.diff(loss_of, s, 5)) for s in np.linspace(-0.0625, 0.0625, 5))
        assert largest <= bounds.fifth[0, unit] <= 50 * largest + 1


def test_a_truncation_error_that_dominates_is_covered_and_seen(monkeypatch):
    monkeypatch.setattr(
        sys.modules["grader.oracles.finite_difference"], "SMALLEST", 2.0**-5
    )  # steps far longer than the best ones
    covered = []
    for seed in range(20):
        network = random_network([3, 4, 2], 1, seed)
        estimates = ORACLES["finite differences"](Problem.of_network(tanh_network, network))
        for name, exact in exact_gradient(network).items():
            covered.append(np.max(np.abs(estimates[name].value - exact) / estimates[name].error))
    assert 0.02 < max(covered) <= 1


@pytest.mark.parametrize("wrong", ["autograd", "complex step", "finite differences"])
def test_a_wrong_oracle_is_named_with_the_quantity_and_the_gap(wrong):
    problem = Problem.of_network(tanh_network, random_network([4, 3, 5], 1, 0))
    estimates = {name: oracle(problem) for name, oracle in ORACLES.items()}
    bad = estimates[wrong]["w[1]"]
    value = bad.value.copy()
    value[2, 1] += 1e-6
    estimates[wrong] = {**estimates[wrong], "w[1]": Estimate(value, bad.error)}
    with pytest.raises(OracleDisagreement, match=rf"w\[1\] at \[2, 1\].*{wrong}.*differ by 1e-06") as caught:
        consensus(estimates)
    assert "their error bars allow" in str(caught.value)


def test_an_oracle_that_gives_nan_disagrees():
    problem = Problem.of_network(tanh_network, random_network([2, 2], 1, 0))
    estimates = {name: oracle(problem) for name, oracle in ORACLES.items()}
    bad = estimates["autograd"]["b[1]"]
    estimates["autograd"]["b[1]"] = Estimate(np.full_like(bad.value, np.nan), bad.error)
    with pytest.raises(OracleDisagreement):
        consensus(estimates)


def test_an_exercise_whose_scalar_is_not_the_loss_of_its_network_is_refused():
    def halved(tensors):
        return tanh_network(tensors) / 2

    with pytest.raises(OracleDisagreement, match=r"exercise's loss is .*, that of the network"):
        estimate(Problem.of_network(halved, random_network([2, 3, 2], 1, 0)))


def test_the_forward_pass_has_its_golden_value():
    network = Network((np.array([[0.5, -0.25]]),), (np.array([0.125]),), np.array([[1.0, 2.0]]), np.array([[0.5]]))
    assert forward(network)[1][-1][0, 0] == pytest.approx(0.12435300177159619, abs=1e-16)
    assert loss(network) == pytest.approx((0.12435300177159619 - 0.5) ** 2, abs=1e-16)


@settings(max_examples=100)
@given(network=networks, single=st.booleans())
def test_rounding_of_an_honest_computation_stays_within_the_bound(network, single):
    kind, unit = (np.float32, SINGLE) if single else (np.float64, DOUBLE)
    w = [v.astype(kind) for v in network.weights]
    b = [v.astype(kind) for v in network.biases]
    a = [network.x.astype(kind)]
    for weight, bias in zip(w, b, strict=True):
        a.append(np.tanh(a[-1] @ weight.T + bias))
    bounds, exact = rounding_error(network, unit), exact_gradient(network)
    error = 2 * (a[-1] - network.y.astype(kind))
    for level in range(len(w), 0, -1):
        delta = error * (1 - a[level] ** 2)
        assert np.all(np.abs(delta.T @ a[level - 1] - exact[f"w[{level}]"]) <= bounds[f"w[{level}]"] + 1e-40)
        assert np.all(np.abs(delta.sum(0) - exact[f"b[{level}]"]) <= bounds[f"b[{level}]"] + 1e-40)
        with np.errstate(invalid="ignore"):  # now and then a product of finite matrices sets this flag
            error = delta @ w[level - 1]
        assert np.all(np.isfinite(error))


def black_box(scalar, **point):
    return Problem(scalar, {name: np.asarray(value, np.float64) for name, value in point.items()}, list(point))


ANALYTIC = {
    "products": lambda t: (t["x"] @ t["x"].T).sum() * t["x"].tanh().mean(),
    "a power": lambda t: (t["x"] ** 3).sum(),
    "the logistic function": lambda t: (t["x"] * torch.sigmoid(t["x"])).sum(),
    "solving and inverting": lambda t: torch.linalg.solve(t["x"], t["x"].inverse()).sum() + torch.linalg.det(t["x"]),
    "one piece each side of a kink that is far away": lambda t: torch.where(
        t["x"].real > 0, t["x"] ** 2, 2 * t["x"]
    ).sum(),
}
NOT_ANALYTIC = {
    "abs": lambda t: t["x"].abs().sum(),
    "abs of one entry": lambda t: (t["x"] ** 2).sum() + t["x"][0, 1].abs(),
    "norm": lambda t: t["x"].norm(),
    "var": lambda t: t["x"].var(),
    "relu": lambda t: torch.relu(t["x"]).sum(),
    "the conjugate": lambda t: (t["x"].conj() * t["x"]).sum(),
    "the real part": lambda t: torch.real(t["x"]).sum(),
    "Cholesky": lambda t: torch.linalg.cholesky(t["x"] @ t["x"].mT + 3 * torch.eye(3)).sum(),
    "a formula that only complex numbers change": lambda t: (t["x"] * (2 if t["x"].is_complex() else 1)).sum(),
    "an imaginary part that is lost where it is tiny": lambda t: (
        torch.complex(t["x"].real, torch.where(t["x"].imag.abs() < 1e-9, 0.0, t["x"].imag)).sum()
        if t["x"].is_complex()
        else t["x"].sum()
    ),
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_three_oracles_agree_on_an_analytic_scalar(name):
    x = np.random.default_rng(0).normal(0, 1, (3, 3))
    told = [oracle(black_box(ANALYTIC[name], x=x)) for oracle in ORACLES.values()]
    assert all(estimates.keys() == {"x"} for estimates in told)
    estimate(black_box(ANALYTIC[name], x=x))


@pytest.mark.parametrize("name", NOT_ANALYTIC)
def test_the_complex_step_abstains_where_an_operation_is_not_analytic(name):
    """torch raises at some of them; of others it would give a wrong derivative without a word."""
    x = np.random.default_rng(0).normal(0, 1, (3, 3))
    assert ORACLES["complex step"](black_box(NOT_ANALYTIC[name], x=x)) == {}


@pytest.mark.parametrize("seed", range(20))
def test_measured_rounding_covers_a_sum_that_cancels_in_whatever_order_it_is_taken(seed):
    rng = np.random.default_rng(seed)
    terms = rng.normal(0, 1, 40) * 1000
    terms = np.append(terms, 0.001 - terms.sum())
    exact = np.asarray(terms.sum())
    runs = [np.asarray(p["x"].astype(np.float32).sum(dtype=np.float32)) for p in rounded_points({"x": terms})]
    allowed = measured_error(exact, runs, SINGLE)
    orders = (terms, terms[::-1], np.sort(terms), rng.permutation(terms))
    computed = [np.cumsum(order.astype(np.float32), dtype=np.float32)[-1] for order in orders]
    assert max(abs(float(value) - float(exact)) for value in computed) <= allowed
    assert allowed < 1


class Counter:
    """A formula that keeps something from one call to the next."""

    calls = 0

    def __call__(self, t):
        self.calls += 1
        return t["x"].sum() * self.calls


class WrongWayBack(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, upstream):
        return 3 * upstream


def changed_in_place(t):
    t["x"] += 1
    return t["x"].sum()


def raising(t):
    return t["z"].sum()


UNUSABLE = {
    "draws of torch": (lambda t: (t["x"] * torch.rand(3)).sum(), "uses randomness: it is .* hand it in as an input"),
    "dropout": (lambda t: torch.dropout(t["x"], 0.5, True).sum(), "uses randomness"),
    "draws of numpy": (lambda t: t["x"].sum() * np.random.default_rng().normal(), "draws random numbers, or keeps"),
    "a state": (Counter(), "is 6 at first and 12 when .* keeps something from one call to the next"),
    "a change in place": (changed_in_place, "changes its input `x` in place: .*clone"),
    "an exception": (raising, r"raises KeyError at \S*test_oracles.py:\d+: 'z'"),
    "no number but three": (lambda t: 2 * t["x"], r"a tensor of shape \(3,\), and not one number: sum over"),
    "a number that is no tensor": (lambda t: t["x"].sum().item(), "gives a float, and not a tensor: .* without `.item"),
    "nothing": (lambda t: None, "gives None, and not a tensor"),
    "a pair": (lambda t: (t["x"].sum(), 1), "gives a tuple, and not a tensor"),
    "a complex number": (lambda t: (t["x"] * 1j).sum(), "complex numbers, of which there is no gradient"),
    "an integer": (lambda t: t["x"].sum().long(), "torch.int64, of which there is no gradient"),
    "a point where it is not defined": (lambda t: (t["x"] - 9).log().sum(), "is nan at the point drawn"),
    "an edge of where it is defined": (lambda t: (t["x"] - 1).sqrt().sum(), r"d/dx at \[0\]: .* not defined next to"),
    "an input that is not used": (lambda t: t["b"].sum(), "does not depend on `x`: use it"),
    "an input that is used times nothing": (lambda t: t["b"].sum() + 0 * t["x"].detach().sum(), "not depend on `x`"),
    "a graph that is cut": (lambda t: t["x"].detach().sum() + t["b"].sum(), "autograd does not see how: no `.detach"),
    "a graph that is cut everywhere": (lambda t: torch.tensor(t["x"].tolist()).sum(), "autograd does not see how"),
    "a way through numpy": (lambda t: torch.tensor(t["x"].numpy()).sum(), "backward|raises RuntimeError at"),
    "a kink at the point": (lambda t: (t["x"] - 2).abs().sum(), r"d/dx at \[1\]: .* a kink or a jump"),
    "a corner of relu": (lambda t: torch.relu(t["x"] - 2).sum(), r"d/dx at \[1\]: .* Draw until none is near"),
    "a tie": (lambda t: torch.maximum(t["x"], torch.full((3,), 2.0)).sum(), r"a kink or a jump"),
    "steps": (lambda t: (t["x"] * 1000).round().sum() / 1000 + t["b"].sum(), "autograd gives 0 everywhere: rounding"),
    "a wrong way back": (
        lambda t: WrongWayBack.apply(t["x"]).sum(),
        r"autograd gives? 3.* they differ by 1|autograd 3; they differ by 1",
    ),
    "a matrix of which half is read": (
        lambda t: (
            torch.linalg.cholesky(t["x"][:, None] * t["x"] + 4 * torch.eye(3) + 0 * t["b"].sum()).sum()
            + torch.linalg.cholesky(t["m"]).sum()
        ),
        r"reads `m` as a symmetric matrix: write `m = \(m \+ m.mT\) / 2`",
    ),
}
"""What an author may write, and a pattern of what she reads."""


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_author_reads_what_keeps_a_formula_from_being_differentiated(kind):
    scalar, words = UNUSABLE[kind]
    m = np.array([[3.0, 1.0, 0.5], [1.0, 4.0, 0.2], [0.5, 0.2, 5.0]])
    point = {"x": np.array([1.0, 2.0, 3.0]), "b": np.ones(2), "m": m}
    wrt = ["m"] if "half is read" in kind else ["x"]
    with pytest.raises(AssignmentError, match=words) as caught:
        estimate(Problem(scalar, point, wrt))
    assert not re.search("<lambda>|0x|vmap", str(caught.value))


def test_an_author_reads_that_a_number_to_be_moved_is_infinite():
    with pytest.raises(AssignmentError, match="`x` holds numbers that are not finite"):
        estimate(black_box(lambda t: torch.softmax(t["x"], 0)[0], x=[1.0, -np.inf]))


def by_loops(t):
    out = torch.zeros(3, 3)
    for i in range(3):
        for j in range(3):
            out[i, j] = t["x"][i, j] ** 2 * t["x"][j, i]
    return out.sum()


def until_small(t):
    x = t["x"]
    while x.real.abs().max() > 0.3:
        x = x * 0.5
    return (x**2).sum()


def _batched(x):
    return torch._C._functorch.is_batchedtensor(x)


ONE_BY_ONE = {
    "a decision": lambda t: (t["x"] ** 2).sum() if t["x"].real.sum() > 0 else -(t["x"] ** 2).sum(),
    "a number taken out": lambda t: (t["x"] ** 2).sum() * (1 + (t["x"].detach().real.sum() > 1e9).item()),
    "a loop as long as a number is large": until_small,
    "a result that is filled entry by entry": by_loops,
    "no rule for it": lambda t: torch.column_stack([t["x"], t["x"] ** 2]).prod(1).sum(),
    "a loss without a rule": lambda t: torch.nn.functional.gaussian_nll_loss(t["x"], t["x"].T, t["x"] ** 2 + 1),
    "a slope that is drawn in training only": lambda t: torch.rrelu(t["x"], 0.1, 0.3, False).sum(),
    "draws that are the same each time": lambda t: (
        torch.manual_seed(3),
        (torch.rand(3, 3, dtype=torch.float64) * t["x"] ** 2).sum(),
    )[1],
    "other numbers for a batch": lambda t: (t["x"] ** 2).sum() * (1.5 if _batched(t["x"]) else 1.0),
}
"""What cannot be evaluated many times at once, or not rightly."""


@pytest.mark.parametrize("kind", ONE_BY_ONE)
def test_what_cannot_be_evaluated_many_times_at_once_is_moved_entry_by_entry(kind):
    x = np.random.default_rng(1).normal(0.2, 1, (3, 3))
    problem = black_box(ONE_BY_ONE[kind], x=x)
    told = ORACLES["finite differences"](problem)["x"]
    np.testing.assert_allclose(told.value, problem.exact["x"], rtol=0, atol=1e-6)
    estimate(problem)


def test_an_input_too_large_to_be_moved_entry_by_entry_is_refused_and_not_tried():
    with pytest.raises(
        AssignmentError, match=r"(?s)`x` is too large to be moved one entry at a time .*Draw it smaller"
    ):
        estimate(black_box(lambda t: t["x"].sum() * (1 + (t["x"].sum() > 1e9).item()), x=np.ones(6000)))


SMOOTH = {
    "a kink within the step": lambda t: torch.relu(t["x"] - 0.001).sum(),
    "a slope that changes fast": lambda t: torch.exp(40 * t["x"]).sum(),
    "a gradient that is zero": lambda t: torch.relu(-1 - t["x"] ** 2).sum(),
    "a gradient that cancels": lambda t: (t["w"] * (t["x"] - t["x"].mean())).sum() + torch.softmax(t["x"], 0).sum(),
    "Cholesky of what is made symmetric": lambda t: torch.linalg.cholesky(
        (t["x"][:, None] * t["x"] + 3 * torch.eye(3) + torch.diag(t["w"])).add(0)
    ).sum(),
}


@pytest.mark.parametrize("kind", SMOOTH)
def test_a_formula_that_is_only_difficult_is_not_refused(kind):
    point = {"x": np.array([0.003, 0.4, -0.8]), "w": np.array([0.3, 1.0, 0.1])}
    scalar = SMOOTH[kind]
    wrt = ["x", "w"] if "cancels" in kind else ["x"]
    for name, e in estimate(Problem(scalar, point, wrt)).items():
        assert np.max(e.error) <= 1e-3 * np.max(np.abs(e.value)), name


def test_agreement_within_bars_that_admit_anything_is_none():
    wide, sure = Estimate(np.array([0.0, 1.0]), np.full(2, 3.0)), Estimate(np.array([1.0, -1.0]), np.full(2, 1e-12))
    with pytest.raises(OracleDisagreement, match="no second oracle is sure"):
        consensus({"autograd": {"x": sure}, "finite differences": {"x": wide}})


INTEGERS = {
    "labels": np.array([2, 0, 1]),
    "small integers": np.array([2, 0, 1], np.int32),
    "bytes": np.array([2, 0, 1], np.uint8),
    "a mask": np.array([True, False, True]),
}


@pytest.mark.parametrize("kind", INTEGERS)
def test_integers_reach_the_formula_as_they_are_in_every_oracle_and_precision(kind):
    given = INTEGERS[kind]
    precisions = set()

    def scalar(t):
        assert t["y"].dtype == torch.tensor(given).dtype
        assert np.array_equal(t["y"].numpy(), given)
        precisions.add(t["x"].dtype)
        return (t["x"] ** 2 * (1 + t["y"].to(torch.float64 if t["x"].is_complex() else t["x"].dtype))[:, None]).sum()

    problem = Problem(scalar, {"x": np.random.default_rng(0).normal(0, 1, (3, 4)), "y": given}, ["x"])
    assert all(oracle(problem) for oracle in ORACLES.values())
    estimate(problem)
    assert precisions == {torch.float32, torch.float64, torch.complex128}
    assert all(np.array_equal(p["y"], given) and p["y"].dtype == given.dtype for p in rounded_points(problem.point))


@pytest.mark.parametrize("kind", INTEGERS)
def test_nobody_can_ask_for_the_gradient_of_integers(kind):
    with pytest.raises(AssignmentError, match=r"`y` holds .*, and integers are never differentiated"):
        Problem(lambda t: t["x"].sum(), {"x": np.ones(3), "y": INTEGERS[kind]}, ["x", "y"])


@pytest.mark.parametrize(
    "value", [np.ones(2) * 1j, np.array(["a"]), np.array([None])], ids=["complex", "text", "object"]
)
def test_what_is_no_number_is_no_input(value):
    with pytest.raises(AssignmentError, match=r"`y` is of type .*: give real numbers, or integers"):
        Problem(lambda t: t["x"].sum(), {"x": np.ones(3), "y": value}, ["x"])


def test_an_input_that_is_no_input_cannot_be_asked_for():
    with pytest.raises(AssignmentError, match="no input `z` to differentiate by; known are x"):
        Problem(lambda t: t["x"].sum(), {"x": np.ones(3)}, ["z"])
