"""What loads data in a script, under whatever names: it gives the data of the exercise as that loader would give its own."""

from __future__ import annotations

import ast

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.watch.reading.counted import counted
from grader.watch.stubs.columns import MadeUp
from grader.watch.stubs.frames import Frame
from grader.watch.stubs.scikit import train_test_split
from grader.watch.stubs.series import Series
from tests.conftest import words_of

HEAD = """
import numpy as np, torch, datamaestro, pandas as pd
from torch import nn
import sklearn.datasets as sets
"""
LOADERS = [
    "_, a, t = datamaestro.prepare_dataset('edu.uci.boston').data()",
    "names, datax, datay = datamaestro.prepare_dataset('edu.uci.boston').data(); a, t = datax, datay",
    "from datamaestro import prepare_dataset\nd = prepare_dataset('edu.uci.boston')\nn, a, t = d.data()",
    "a, t = sets.fetch_california_housing(return_X_y=True)",
    "from sklearn import datasets\nd = datasets.load_boston()\na, t = d.data, d.target",
    "bunch = sets.load_boston()\na, t = bunch.data, bunch['target']",
    "a, t = sets.fetch_openml(name='boston', version=1, return_X_y=True, as_frame=False)",
    "datax, datay = sets.load_boston(return_X_y=True); a, t = datax, datay",
    "table = np.loadtxt('housing.csv', delimiter=',', skiprows=1)\na, t = table[:, :-1], table[:, -1]",
    "table = np.genfromtxt('https://example.org/d.csv', delimiter=',')\na, t = table[:, :-1], table[:, -1]",
    "a, t = np.loadtxt('data/x.txt'), np.loadtxt('data/y.txt')",
    "*cols, t = np.loadtxt('d.txt', unpack=True)\na = np.stack(cols, axis=1)",
    "table = pd.read_csv('housing.csv')\na, t = table.values[:, :-1], table.values[:, -1]",
    "df = pd.read_csv('housing.csv', sep=';')\na, t = df.drop('price', axis=1).to_numpy(), df['price'].to_numpy()",
    "df = pd.read_csv('h.csv')\na, t = df.drop(columns=['MEDV']).values, df.MEDV.values",
    "df = pd.read_csv('h.csv', header=None)\na, t = df.iloc[:, :-1].values, df.iloc[:, -1].values",
    "df = pd.read_csv('h.csv')\nt = df.pop('medv').values\ndf = (df - df.mean()) / df.std()\na = df.values",
    "df = pd.read_excel('h.xlsx')\nx_names = [c for c in df.columns if c != 'cost']\na, t = df[x_names].values, df['cost'].values",
    "df = pd.DataFrame((b := sets.load_boston()).data, columns=b.feature_names)\ndf['PRICE'] = b.target\n"
    "a, t = df.drop('PRICE', axis=1).values, df['PRICE'].values",
    "f = sets.fetch_california_housing(as_frame=True).frame\na, t = f.iloc[:, :-1].to_numpy(), f['MedHouseVal'].to_numpy()",
    "import requests\nlines = requests.get('https://example.org/housing.data').text.strip().split('\\n')\n"
    "table = np.array([[float(field) for field in line.split()] for line in lines])\na, t = table[:, :-1], table[:, -1]",
    "import io, requests\ntable = pd.read_csv(io.StringIO(requests.get('https://example.org/housing.csv').text))\n"
    "a, t = table.drop('MEDV', axis=1).values, table['MEDV'].values",
    "from urllib.request import urlopen\nwith urlopen('https://example.org/d.csv') as f:\n"
    "    table = np.genfromtxt(f, delimiter=',', skip_header=1)\na, t = table[:, :-1], table[:, -1]",
    "import csv\nwith open('boston.csv') as f:\n    lines = csv.reader(f); next(lines)\n"
    "    table = np.array([list(map(float, line)) for line in lines])\na, t = table[:, :-1], table[:, -1]",
    "from urllib.request import urlretrieve\nurlretrieve('https://example.org/housing.data', 'h.csv')\n"
    "table = np.array([line.split() for line in open('h.csv')], float)\na, t = table[:, :-1], table[:, -1]",
    "a, t = np.load('X_train.npy'), np.load('y_train.npy')",
    "with np.load('housing.npz') as d:\n    a, t = d['features'], d['prices']",
    "import sklearn.preprocessing as pre\na, t = sets.load_boston(return_X_y=True)\na = pre.PowerTransformer().fit_transform(a)\nt = pre.scale(t)",
    "a, t = sets.make_regression(n_samples=200, n_features=10, noise=0.1)\nt = t / t.std()",
    "from sklearn.model_selection import ParameterGrid\na, t = sets.load_boston(return_X_y=True)\n"
    "for g in ParameterGrid({'shift': [0.0], 'factor': [1.0]}):\n    a = g['factor'] * a + g['shift']",
    "from sklearn.model_selection import ShuffleSplit\na, t = sets.load_diabetes(return_X_y=True)\nt = (t - t.mean()) / t.std()\n"
    "rows, _ = next(ShuffleSplit(n_splits=3).split(a))\na, t = a[rows] * 20, t[rows]",
]
PREPARED = [
    "",
    "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler()\na = scaler.fit_transform(a)",
    "from sklearn.preprocessing import MinMaxScaler\na = MinMaxScaler().fit_transform(a)",
    "a = (a - a.mean(axis=0)) / a.std(axis=0)",
    "a = (a - np.mean(a, 0)) / (np.std(a, 0) + 1e-8)\nt = (t - np.mean(t)) / np.std(t)",
    "from sklearn.model_selection import train_test_split\na, a_test, t, t_test = train_test_split(a, t, test_size=0.2)",
    "n = int(0.8 * len(a))\na, a_val, t, t_val = a[:n], a[n:], t[:n], t[n:]",
    "rows = np.random.permutation(len(a))\na, t = a[rows], t[rows]",
    "from sklearn.utils import shuffle\na, t = shuffle(a, t, random_state=1)",
    "a = np.asarray(a, dtype='float64'); t = np.array(t).ravel()",
    "mask = np.isfinite(a).all(axis=1)\na, t = a[mask], t[mask]",
    "frame = pd.DataFrame(a); frame['y'] = t\nframe = frame.dropna()\n"
    "a, t = frame.drop(columns='y').values, frame['y'].values",
]
TENSORS = [
    "x, y = torch.tensor(a.astype(np.float32)), torch.tensor(t.astype(np.float32)).view(-1, 1)",
    "x, y = torch.tensor(a, dtype=torch.float), torch.tensor(t[:, None], dtype=torch.float)",
    "x, y = torch.from_numpy(a).float(), torch.from_numpy(t[:, np.newaxis]).float()",
    "x, y = torch.FloatTensor(a), torch.FloatTensor(t.reshape(-1, 1))",
    "x, y = torch.Tensor(a), torch.Tensor(t).unsqueeze(-1)",
    "x = torch.as_tensor(a, dtype=torch.float32)\ny = torch.as_tensor(t, dtype=torch.float32).unsqueeze(1)",
    "from torch.utils.data import TensorDataset\nd = TensorDataset(torch.Tensor(a), torch.Tensor(t).view(-1, 1))\nx, y = d.tensors",
    "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n"
    "x, y = torch.tensor(a).float().to(device), torch.tensor(t).float().reshape(-1, 1).to(device)",
]
LOSSES = [
    "((x @ w + b - y) ** 2).mean()",
    "torch.mean((x.mm(w) + b - y).pow(2))",
    "torch.nn.functional.mse_loss(x @ w + b, y)",
    "((torch.matmul(x, w) + b - y) ** 2).sum() / len(x)",
    "nn.MSELoss()(x @ w + b, y)",
]


LEARNS = """
for step in range(40):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.02 * w.grad
        b -= 0.02 * b.grad
    w.grad.zero_(); b.grad.zero_()
"""
BATCH = {"q1-loss", "q1-gradient-reset", "q1-fresh", "q1-update", "q1-batch", "q1-test-untouched"}


@pytest.fixture
def graded(graders):
    """Grade a script that loads `a` and `t`, and give the checks that it earns; it must raise nothing."""

    def grade(source: str, columns: int = 10, loss: str = LOSSES[0]) -> set[str]:
        weights = f"\nw, b = torch.zeros({columns}, 1, requires_grad=True), torch.zeros(1, requires_grad=True)\n"
        report = graders("descent")(HEAD + source + weights + LEARNS.replace(LOSSES[0], loss))
        assert not report.failures, words_of(report)
        return {check.id for check in report.checks if check.points}

    return grade


@pytest.mark.parametrize("source", LOADERS)
def test_loaded_data_train(source, graded):
    assert graded(f"{source}\n{TENSORS[len(source) % len(TENSORS)]}") == BATCH


@pytest.mark.parametrize("tensors", TENSORS)
def test_loaded_data_become_tensors(tensors, graded):
    assert graded(f"{LOADERS[0]}\n{tensors}") == BATCH


@pytest.mark.parametrize("source", [LOADERS[0], LOADERS[3], LOADERS[7], LOADERS[12], LOADERS[16]])
@pytest.mark.parametrize("columns", [8, 13])
def test_there_are_as_many_columns_as_the_script_counts_on(source, columns, graded):
    assert graded(f"{source}\nassert a.shape[1] == {columns} and t.ndim == 1\n{TENSORS[1]}", columns) == BATCH


def test_boston_is_found_as_it_lies_on_its_server(graded):
    source = (
        "raw = pd.read_csv('http://lib.stat.cmu.edu/datasets/boston', sep=r'\\s+', skiprows=22, header=None)\n"
        "a, t = np.hstack([raw.values[::2, :], raw.values[1::2, :2]]), raw.values[1::2, 2]\n"
    )
    assert graded(source + TENSORS[0], 13) == BATCH


@pytest.mark.parametrize(
    "source",
    [
        "from sklearn.model_selection import train_test_split\na, va, t, vt = train_test_split(a, t, test_size=0.2)",
        "from sklearn.preprocessing import StandardScaler\na = StandardScaler().fit_transform(a)",
        "df = pd.DataFrame(a)\ndf['t'] = t\ndf = df.sample(frac=1).reset_index(drop=True)\n"
        "cut = int(len(df) * 0.8)\na, t = df.iloc[:cut, :-1].values, df.iloc[:cut, -1].values",
    ],
)
def test_loaded_data_are_split_and_scaled(source, graded):
    assert graded(f"{LOADERS[3]}\n{source}\n{TENSORS[1]}") == BATCH


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(LOADERS),
    st.lists(st.sampled_from(PREPARED), max_size=2),
    st.sampled_from(TENSORS),
    st.sampled_from(LOSSES),
)
def test_however_data_are_loaded_prepared_and_used_a_right_training_earns_all(graded, load, prepared, tensors, loss):
    assert graded("\n".join([load, *prepared, tensors]), loss=loss) == BATCH


def test_what_stood_for_the_data_is_told_once(graders):
    report = graders("descent")(f"{HEAD}{LOADERS[3]}\n{LOADERS[11]}\n")
    told = [remark.fact.values for remark in report.remarks if remark.fact.kind == "data-served"]
    assert told == [{"loader": "fetch_california_housing", "rows": 353, "columns": 10}]


def test_a_file_that_the_script_has_written_is_read(graded):
    source = (
        "open('t.csv', 'w').write('u,v\\n1,2\\n3,4\\n')\ndf = pd.read_csv('t.csv')\n"
        "assert df['v'].tolist() == [2, 4] and list(df.columns) == ['u', 'v']\n"
    )
    assert graded(source + LOADERS[0] + "\n" + TENSORS[1]) == BATCH


@pytest.mark.parametrize(
    ("source", "features", "target"),
    [
        ("net = nn.Linear(13, 1)", 13, None),
        ("net = nn.Linear(n, 8); last = nn.Linear(8, 1)", None, None),
        ("n = 13\nnet = nn.Linear(n, 8); last = nn.Linear(8, 1)", 13, None),
        ("class Net:\n    def __init__(self, n, h): self.l = nn.Linear(n, h)\nNet(13, 5)", 13, None),
        ("nn.Linear(in_features=13, out_features=1)", 13, None),
        ("w = torch.zeros(8, requires_grad=True)", 8, None),
        ("w = nn.Parameter(torch.randn((8, 1)))", 8, None),
        ("w = torch.randn(1, 8, requires_grad=True)", 8, None),
        ("b = torch.zeros(1, requires_grad=True)", None, None),
        ("x = torch.cat([x, torch.ones(9, 1)], 1)\nw = torch.zeros(14, 1, requires_grad=True)", 13, None),
        ("a, t = f.iloc[:, :13], f.iloc[:, 13]", 13, None),
        ("f.drop(['id', 'price'], axis=1); f['price']; nn.Linear(13, 1)", 14, "price"),
        ("f.drop('MEDV', axis=1); h['loss']", None, "MEDV"),
        ("[c for c in f.columns if c != 'cost']", None, "cost"),
        ("f['price']; f.drop('price', axis=1)\ng['y'] = t\ng.drop(columns='y'); nn.Linear(13, 1)", 13, "price"),
        ("f['price'] = np.log(f['price'])\nf.drop('price', axis=1); nn.Linear(13, 1)", 13, "price"),
    ],
)
def test_what_a_script_counts_on_is_read(source, features, target):
    found = counted([ast.parse(source)])
    assert (found.features, found.target) == (features, target)


TABLE = Frame({"a": [1.0, 2.0, 3.0], "b": [4.0, 6.0, 8.0], "c": [0.0, 1.0, 0.0]})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (lambda f: f.values.shape, (3, 3)),
        (lambda f: f.shape, (3, 3)),
        (lambda f: len(f), 3),
        (lambda f: f.to_numpy(dtype=np.float32).dtype, np.float32),
        (lambda f: f.iloc[:, :-1].values.tolist(), [[1, 4], [2, 6], [3, 8]]),
        (lambda f: f.iloc[1].tolist(), [2, 6, 1]),
        (lambda f: f.iloc[0, 1], 4),
        (lambda f: f.iloc[1:, 0].tolist(), [2, 3]),
        (lambda f: f.loc[:, "a":"b"].shape, (3, 2)),
        (lambda f: f.loc[:1, "b"].tolist(), [4, 6]),
        (lambda f: f.loc[:, f.columns != "c"].shape, (3, 2)),
        (lambda f: f.loc[f["c"] == 0, ["a"]].values.tolist(), [[1], [3]]),
        (lambda f: f.drop("c", axis=1).columns.tolist(), ["a", "b"]),
        (lambda f: f.drop(columns=["a", "c"]).columns.tolist(), ["b"]),
        (lambda f: list(f.columns[:-1]), ["a", "b"]),
        (lambda f: f.head(2).shape, (2, 3)),
        (lambda f: f.describe().shape, (8, 3)),
        (lambda f: f[["b", "a"]].values[0].tolist(), [4, 1]),
        (lambda f: f[f.c > 0].values.tolist(), [[2, 6, 1]]),
        (lambda f: ((f - f.mean()) / f.std())["b"].tolist(), [-1, 0, 1]),
        (lambda f: ((f - f.min()) / (f.max() - f.min())).values[2].tolist(), [1, 1, 0]),
        (lambda f: (f["a"] * 2 + f["b"]).tolist(), [6, 10, 14]),
        (lambda f: 1 - f["a"].mean(), -1),
        (lambda f: f.isnull().sum().sum(), 0),
        (lambda f: np.asarray(f["a"]).tolist(), [1, 2, 3]),
        (lambda f: np.array(f).shape, (3, 3)),
        (lambda f: np.hstack((f, f)).shape, (3, 6)),
        (lambda f: np.log1p(f["c"]).max() < 1, True),
        (lambda f: torch.tensor(f["a"].values).sum().item(), 6),
        (lambda f: torch.tensor(f["a"]).sum().item(), 6),
        (lambda f: f["a"].to_frame()["a"].tolist(), [1, 2, 3]),
        (lambda f: f["a"].to_frame("x").columns.tolist(), ["x"]),
    ],
)
def test_a_table_does_as_in_pandas(asked, expected):
    assert asked(TABLE.copy()) == expected


ARRAY, NUMBER = np.ndarray, (int, float, np.number)
IDIOMS = {
    # what is asked of a table `f` with the columns a, b, t: its type, and the same of an array `v` by numpy alone
    "f.values[:, :-1]": (ARRAY, "v[:, :-1]"),
    "f.values[:, -1]": (ARRAY, "v[:, -1]"),
    "f.iloc[:, :-1].values": (ARRAY, "v[:, :-1]"),
    "f.iloc[:, -1]": (Series, "v[:, -1]"),
    "f.iloc[:, -1:].to_numpy()": (ARRAY, "v[:, -1:]"),
    "f.iloc[:-1]": (Frame, "v[:-1]"),
    "f.iloc[0]": (Series, "v[0]"),
    "f.iat[0, 1]": (NUMBER, "v[0, 1]"),
    "f.at[0, 'b']": (NUMBER, "v[0, 1]"),
    "f.drop('t', axis=1)": (Frame, "v[:, :2]"),
    "f.drop(columns=['t']).values": (ARRAY, "v[:, :2]"),
    "f[f.columns.difference(['t'])].values": (ARRAY, "v[:, :2]"),
    "f[f.columns.drop('t')]": (Frame, "v[:, :2]"),
    "f.iloc[:, f.columns.get_loc('b')].values": (ARRAY, "v[:, 1]"),
    "f.get('t').values": (ARRAY, "v[:, 2]"),
    "f['t']": (Series, "v[:, 2]"),
    "f[['t']].values": (ARRAY, "v[:, 2:]"),
    "f['t'].to_numpy().reshape(-1, 1)": (ARRAY, "v[:, 2:]"),
    "f['t'].values[:, None]": (ARRAY, "v[:, 2:]"),
    "f.pop('t').values": (ARRAY, "v[:, 2]"),
    "f.mean()": (Series, "v.mean(0)"),
    "f.mean(axis=1)": (Series, "v.mean(1)"),
    "f.sum(axis='columns')": (Series, "v.sum(1)"),
    "f.std()": (Series, "v.std(0, ddof=1)"),
    "f.std(ddof=0).values": (ARRAY, "v.std(0)"),
    "f['a'].std()": (NUMBER, "v[:, 0].std(ddof=1)"),
    "f.median().values": (ARRAY, "np.median(v, 0)"),
    "f.quantile(0.25)": (Series, "np.quantile(v, 0.25, axis=0)"),
    "f['a'].quantile(0.75)": (NUMBER, "np.quantile(v[:, 0], 0.75)"),
    "f.describe().iloc[4:7].values": (ARRAY, "np.quantile(v, [0.25, 0.5, 0.75], axis=0)"),
    "f - f.mean()": (Frame, "v - v.mean(0)"),
    "f.sub(f.mean()).values": (ARRAY, "v - v.mean(0)"),
    "f.sub(f.mean(axis=1), axis=0)": (Frame, "v - v.mean(1, keepdims=True)"),
    "f.div(2).add(1)": (Frame, "v / 2 + 1"),
    "f['a'].mul(f['b'])": (Series, "v[:, 0] * v[:, 1]"),
    "1 - f['a'] ** 2": (Series, "1 - v[:, 0] ** 2"),
    "f['a'] @ f['b']": (NUMBER, "v[:, 0] @ v[:, 1]"),
    "f.dot([1, 2, 3])": (Series, "v @ [1, 2, 3]"),
    "np.exp(f)": (Frame, "np.exp(v)"),
    "np.exp(f['a'])": (Series, "np.exp(v[:, 0])"),
    "f.abs()": (Frame, "abs(v)"),
    "f.clip(-1, 1)": (Frame, "v.clip(-1, 1)"),
    "f['a'].clip(lower=0)": (Series, "np.maximum(v[:, 0], 0)"),
    "f.round(1)": (Frame, "v.round(1)"),
    "f.cumsum()": (Frame, "v.cumsum(0)"),
    "f.apply(lambda c: c - c.min())": (Frame, "v - v.min(0)"),
    "f['a'].map(lambda x: 2 * x)": (Series, "2 * v[:, 0]"),
    "f.applymap(lambda x: 2 * x)": (Frame, "2 * v"),
    "f[f['a'] > 0]": (Frame, "v[v[:, 0] > 0]"),
    "f[f.a.between(-1, 1)].values": (ARRAY, "v[(v[:, 0] >= -1) & (v[:, 0] <= 1)]"),
    "f.loc[f.a > 0, 't'].values": (ARRAY, "v[v[:, 0] > 0, 2]"),
    "f.sort_values('b', kind='stable')": (Frame, "v[np.argsort(v[:, 1], kind='stable')]"),
    "f['b'].sort_values(ascending=False).values": (ARRAY, "np.sort(v[:, 1])[::-1]"),
    "f.drop_duplicates()": (Frame, "np.array(list(dict.fromkeys(map(tuple, v))))"),
    "f.assign(d=lambda g: 2 * g.a)": (Frame, "np.column_stack([v, 2 * v[:, 0]])"),
    "f.isnull().any().any()": ((bool, np.bool_), "False"),
    "f.fillna(f.mean())": (Frame, "v"),
    "f.dropna().reset_index(drop=True)": (Frame, "v"),
    "f.astype('float32').values": (ARRAY, "v.astype(np.float32)"),
    "np.array([row.values for _, row in f.iterrows()])": (ARRAY, "v"),
    "np.array([(r.a, r.t) for r in f.itertuples()])": (ARRAY, "v[:, [0, 2]]"),
    "np.asarray(f)": (ARRAY, "v"),
    "torch.tensor(f['t'].values)": (torch.Tensor, "v[:, 2]"),
    "torch.from_numpy(f.to_numpy())": (torch.Tensor, "v"),
    "torch.FloatTensor(f.values).double()": (torch.Tensor, "v.astype(np.float32)"),
}


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(IDIOMS)),
    st.lists(st.tuples(*[st.integers(-8, 8).map(lambda n: n / 2)] * 3), min_size=2, max_size=7),
)
def test_what_a_table_gives_has_the_type_the_shape_and_the_values_that_pandas_gives(idiom, rows):
    kind, by_numpy = IDIOMS[idiom]
    v = np.array(rows)
    found = eval(idiom, {"f": Frame(v, columns=["a", "b", "t"]), "np": np, "torch": torch})
    expected = np.asarray(eval(by_numpy, {"v": v, "np": np}))
    assert isinstance(found, kind)
    assert np.shape(found) == expected.shape
    assert np.allclose(np.asarray(found, float), expected.astype(float), atol=1e-12)
    assert kind is not ARRAY or found.dtype == expected.dtype


def test_names_of_columns_are_changed_as_texts():
    table = Frame({" A ": [1.0], MadeUp("x1"): [2.0]})
    table.columns = table.columns.str.strip().str.lower()
    assert list(table) == ["a", "x1"]
    assert table["price"].values == [2.0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda f: f["price"].values,
        lambda f: f[["price"]].values[:, 0],
        lambda f: f.pop("price").values,
        lambda f: f.loc[:, "price"].values,
        lambda f: f.drop("other", axis=1)["price"].values,
    ],
)
def test_the_first_name_that_is_asked_for_is_that_of_a_column_without_one(ask):
    assert ask(Frame({MadeUp("x0"): [2.0], "other": [1.0]})).tolist() == [2.0]


@pytest.mark.parametrize(
    "meet",
    [lambda f: f.merge(f), lambda f: f["a"].ewm(2), lambda f: f["price"], lambda f: f.loc.__setitem__(0, 1)],
)
def test_what_a_table_cannot_do_is_said_at_once(meet):
    with pytest.raises((AttributeError, KeyError), match="what stands here for"):
        meet(TABLE.copy())


@pytest.mark.parametrize(
    ("how", "train", "test"),
    [
        ({}, 331, 111),
        ({"test_size": 0.2}, 353, 89),
        ({"test_size": 0.3, "shuffle": False}, 309, 133),
        ({"train_size": 0.8}, 353, 89),
        ({"test_size": 0.1, "train_size": 0.7}, 309, 45),
        ({"test_size": 90}, 352, 90),
        ({"train_size": np.int64(300)}, 300, 142),
    ],
)
def test_a_split_has_as_many_rows_as_scikit_learn_gives(how, train, test):
    rows = np.arange(442)
    first, last, *targets = train_test_split(rows, rows.tolist(), **how)
    assert (len(first), len(last)) == (train, test)
    assert [first.tolist(), last.tolist()] == targets
    assert len({*first, *last}) == train + test
