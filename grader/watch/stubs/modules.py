"""What stands for modules that a script imports and that its grading does not need: plots, progress bars, logs."""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from itertools import repeat
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset, default_collate

from grader.watch.no_compiler import without_compilers
from grader.watch.reading.own_modules import is_asked_for_by_own_code
from grader.watch.stubs import scikit
from grader.watch.stubs.files import MemoryFiles
from grader.watch.stubs.nothing import Nothing, axes_of

_NEVER = frozenset(
    [
        "matplotlib",
        "seaborn",
        "plotly",
        "bokeh",
        "altair",
        "pylab",
        "IPython",
        "ipywidgets",
        "tqdm",
        "tensorboard",
        "tensorboardX",
        "wandb",
        "datamaestro",
        "datamaestro_text",
        "torchvision",
        "google",
        "pandas",
        "torch.utils.tensorboard",
        "torchviz",
        "torchsummary",
        "rich",
        "alive_progress",
    ]
)
"""Never imported, installed or not: they draw, log, download, or take seconds."""

Scalar = tuple[str, int, float]


class _Rows(Sequence[Any]):
    """Some rows of a data set of tensors: a batch gets them all at once, which is what collating them would come to."""

    def __init__(self, dataset: TensorDataset, numbers: list[int]) -> None:
        self._dataset, self._numbers = dataset, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, place: Any) -> Any:
        return self._dataset[self._numbers[place]]

    def at_once(self) -> list[torch.Tensor]:
        """The rows of each tensor."""
        return [tensor[self._numbers] for tensor in self._dataset.tensors]


def _zip(*tables: Iterable[Any], strict: bool = False) -> Iterator[tuple[Any, ...]]:
    """As the built-in one, with as many colours or axes as there is of the rest."""
    real = [not isinstance(table, Nothing) for table in tables]
    if all(real) or not any(real):
        return zip(*tables, strict=strict)
    return zip(*(t if is_real else repeat(Nothing()) for t, is_real in zip(tables, real, strict=True)), strict=False)


def _figure_and_axes(*arguments: Any, **options: Any) -> tuple[Nothing, Any]:
    return Nothing(), axes_of(*arguments, **options)


class Progress:
    """A progress bar that shows nothing and hands its values on."""

    def __init__(self, iterable: Iterable[Any] = (), *_: Any, **__: Any) -> None:
        self._values = iterable

    @staticmethod
    def write(*_: Any, **__: Any) -> None:
        """Nothing is shown."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)  # type: ignore[arg-type]

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


def _writer(scalars: list[Scalar]) -> type:
    """A `SummaryWriter` that keeps what is logged."""

    class SummaryWriter(Nothing):
        def __init__(self, *_: Any, **__: Any) -> None:
            """Opens no file."""

        def __getattribute__(self, name: str) -> Any:
            return _add_scalar if name == "add_scalar" else super().__getattribute__(name)

    def _add_scalar(tag: str = "", scalar_value: Any = 0.0, global_step: int | None = None, *_: Any, **__: Any) -> None:
        if len(scalars) < 20_000:
            value = scalar_value.detach() if isinstance(scalar_value, torch.Tensor) else scalar_value
            scalars.append((str(tag), int(global_step or 0), float(value)))

    return SummaryWriter


class _Module(ModuleType):
    """A module of which every name can be imported."""

    __all__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name == "pyplot" or (self.__name__ == "sklearn" and name in scikit.MODULES):
            return importlib.import_module(f"{self.__name__}.{name}")
        if standing := scikit.standing_for(self.__name__, name):
            return standing
        return _figure_and_axes if name == "subplots" else Nothing()


class _Finder(MetaPathFinder, Loader):
    """Makes a stand-in for every module that `wanted` names."""

    def __init__(
        self, wanted: Callable[[str], bool], known: dict[str, dict[str, Any]], found: list[str] | None = None
    ) -> None:
        self._wanted, self._known, self._found = wanted, known, found

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        """The stand-in, if it is wanted."""
        if not self._wanted(fullname):
            return None
        if self._found is not None and fullname.split(".")[0] not in self._known:
            self._found.append(fullname)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """An empty module, with the names that are known of it."""
        module = _Module(spec.name)
        vars(module).update(self._known.get(spec.name.split(".")[0], self._known.get(spec.name, {})))
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is run."""


def install(
    scalars: list[Scalar],
    modules: Mapping[str, dict[str, Any]],
    absent: list[str],
    files: MemoryFiles,
) -> dict[str, Any]:
    """Put stand-ins in place, for good: this process runs one submission.

    Args:
        scalars: gets what the submission logs for TensorBoard.
        modules: what is to be found in some modules and in all that are below them, installed or not.
        absent: gets the names of modules that nobody knows and that are not there.
        files: what the submission may open.

    Returns:
        Names that stand for built-in functions in the namespace of a script.
    """
    progress = {
        "tqdm": Progress,
        "trange": lambda *bounds, **_: Progress(range(*bounds)),
        "notebook": _Module("notebook"),
    }
    vars(progress["notebook"]).update(tqdm=Progress, trange=progress["trange"])
    log = {"SummaryWriter": _writer(scalars)}
    known: dict[str, dict[str, Any]] = {
        "tqdm": progress,
        "tensorboardX": log,
        "torch.utils.tensorboard": log,
        "sklearn": scikit.NAMES,
        "rich": {"track": Progress},
        "alive_progress": {"alive_it": Progress},
    }
    for name in [name for name in sys.modules if name.split(".")[0] == "tqdm"]:
        del sys.modules[name]  # PyTorch has imported it
    known["torch"] = log
    known |= {name: {**known.get(name, {}), **names} for name, names in modules.items()}
    never = _NEVER | modules.keys()
    sys.meta_path.insert(0, _Finder(lambda name: name in never or name.split(".")[0] in never, known))
    sys.meta_path.append(
        _Finder(
            lambda name: not name.startswith(("grader", "torch.")) and is_asked_for_by_own_code(__name__), known, absent
        )
    )
    time.sleep = lambda *_: None
    files.install()
    os.makedirs = os.mkdir = Path.mkdir = lambda *_, **__: None  # type: ignore[assignment]
    without_compilers()
    make = DataLoader.__init__

    def in_this_process(loader: Any, *args: Any, **kwargs: Any) -> None:
        for name in ("num_workers", "pin_memory", "persistent_workers", "prefetch_factor", "multiprocessing_context"):
            kwargs.pop(name, None)
        make(loader, *args[:5], **kwargs)
        if type(loader.dataset) is TensorDataset and loader.collate_fn is default_collate:
            loader.dataset.__getitems__ = partial(_Rows, loader.dataset)  # type: ignore[attr-defined]
            loader.collate_fn = _Rows.at_once

    DataLoader.__init__ = in_this_process  # type: ignore[method-assign, assignment]
    return {"input": lambda *_: "", "display": Nothing(), "get_ipython": Nothing(), "zip": _zip}
