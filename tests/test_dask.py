"""A batch on a Dask cluster, one worker of which dies, and then all of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

from tests.conftest import ROOT, SEED
from tests.corpus import cases, handed_in
from tests.test_batch import BACKGROUND, GRADE, reports

CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    how = dict(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1")
    with LocalCluster(**how, scheduler_port=int(sys.argv[1])) as cluster:
        print(cluster.scheduler_address, *(worker.pid for worker in cluster.workers.values()), flush=True)
        sys.stdin.read()
"""


def started(script, port="0"):
    """A cluster, its address, and the number of one of its workers."""
    cluster = subprocess.Popen([sys.executable, script, port], **BACKGROUND | {"stdin": subprocess.PIPE})
    address, worker, _ = cluster.stdout.readline().split()
    return cluster, address, int(worker)


def wait_for(folder, count, batch):
    """The reports that are there, with their times, as soon as there are so many."""
    while batch.poll() is None and len(list((folder / "json").glob("*.json"))) < count:
        time.sleep(0.01)
    return {path.name: path.stat().st_mtime_ns for path in (folder / "json").glob("*.json")}


def test_a_worker_that_dies_and_a_scheduler_that_is_replaced_cost_nothing(tmp_path, key):
    students = tmp_path / "class"
    students.mkdir()
    for path in [*map(handed_in, cases("mynet/wrong")[:24]), ROOT / "submissions/emma.py"]:
        shutil.copy(path, students)
    shutil.copy(ROOT / "submissions/alice.py", students / "zoe.py")
    command = [GRADE, "batch", str(students), "--seed", SEED, "--out"]
    subprocess.run([*command, str(tmp_path / "here")], check=True, capture_output=True)
    (tmp_path / "cluster.py").write_text(CLUSTER)
    cluster, address, victim = started(tmp_path / "cluster.py")
    try:
        out = tmp_path / "there"
        batch = subprocess.Popen([*command, str(out), "--dask", address], **BACKGROUND)
        early = wait_for(out, 3, batch)
        assert len(early) < 26
        os.kill(victim, signal.SIGKILL)
        early |= wait_for(out, 8, batch)
        assert len(early) < 26
        cluster.kill()
        cluster.communicate()
        cluster, _, _ = started(tmp_path / "cluster.py", address.rpartition(":")[2])
        printed, err = batch.communicate(timeout=600)
        assert (batch.returncode, "Traceback" in err) == (0, False), err
        assert "26 graded" in printed
        assert "the Dask scheduler has gone" in err
    finally:
        cluster.communicate("")
    assert reports(out) == reports(tmp_path / "here")
    assert all((out / "json" / name).stat().st_mtime_ns == written for name, written in early.items()), "written twice"


def test_a_scheduler_that_does_not_answer_is_told(grade, tmp_path):
    status, _, err = grade("batch", ROOT / "submissions", "--out", tmp_path / "r", "--dask", "nonsense://x")
    assert (status, "no Dask scheduler answers there" in err) == (2, True)
