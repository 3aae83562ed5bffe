"""A batch on a Dask cluster, one worker of which dies."""

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
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1") as cluster:
        print(cluster.scheduler_address, *(worker.pid for worker in cluster.workers.values()), flush=True)
        sys.stdin.read()
"""


def test_a_worker_that_dies_costs_nothing(tmp_path, key):
    students = tmp_path / "class"
    students.mkdir()
    for path in [*map(handed_in, cases("mynet/wrong")[:24]), ROOT / "submissions/emma.py"]:
        shutil.copy(path, students)
    shutil.copy(ROOT / "submissions/alice.py", students / "zoe.py")
    command = [GRADE, "batch", str(students), "--seed", SEED, "--out"]
    subprocess.run([*command, str(tmp_path / "here")], check=True, capture_output=True)
    (tmp_path / "cluster.py").write_text(CLUSTER)
    cluster = subprocess.Popen([sys.executable, tmp_path / "cluster.py"], **BACKGROUND | {"stdin": subprocess.PIPE})
    try:
        address, victim, _ = cluster.stdout.readline().split()
        out = tmp_path / "there"
        batch = subprocess.Popen([*command, str(out), "--dask", address], **BACKGROUND)
        while batch.poll() is None and len(list((out / "json").glob("*.json"))) < 3:
            time.sleep(0.01)
        early = {path.name: path.stat().st_mtime_ns for path in (out / "json").glob("*.json")}
        assert len(early) < 26
        os.kill(int(victim), signal.SIGKILL)
        printed, err = batch.communicate(timeout=600)
        assert (batch.returncode, "Traceback" in err) == (0, False), err
        assert "26 graded" in printed
    finally:
        cluster.communicate("")
    assert reports(out) == reports(tmp_path / "here")
    assert all((out / "json" / name).stat().st_mtime_ns == written for name, written in early.items()), "written twice"


def test_a_scheduler_that_does_not_answer_is_told(grade, tmp_path):
    status, _, err = grade("batch", ROOT / "submissions", "--out", tmp_path / "r", "--dask", "nonsense://x")
    assert (status, "no Dask scheduler answers there" in err) == (2, True)
