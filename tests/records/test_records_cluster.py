"""A standalone cluster of two workers on the loopback: a worker is killed, then the driver."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analysis.records.java import find_java

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed: make env-test"
    ),
]
PROGRAM = (
    "import sys; from pathlib import Path\n"
    "from analysis.records import panel\n"
    "folder, out = map(Path, sys.argv[1:])\n"
    "assemble = panel.assemble\n"
    "def waiting(*given):\n"
    "    print('counting', flush=True); sys.stdin.readline(); return assemble(*given)\n"
    "panel.assemble = waiting\n"
    "panel.build_panel(panel.Request(str(folder / 'orders'), str(folder / 'claims'),"
    " folder / 'rollout.csv', out, engine='spark'))\n"
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Cluster:
    """A master and two workers, each in a process group of its own."""

    def __init__(self, place: Path) -> None:
        import pyspark

        self.place = place
        self.url = f"spark://127.0.0.1:{free_port()}"
        settings = {
            "spark.master": self.url,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.executor.cores": "1",
            "spark.executor.memory": "600m",
            "spark.sql.shuffle.partitions": "4",
            "spark.authenticate": "true",
            "spark.authenticate.secret": "of this test alone",
            "spark.network.crypto.enabled": "true",
        }
        (place / "conf").mkdir()
        (place / "conf" / "spark-defaults.conf").write_text(
            "".join(f"{name} {value}\n" for name, value in settings.items())
        )
        self.home = Path(pyspark.__file__).parent
        self.environment = os.environ | {
            "SPARK_HOME": str(self.home),
            "SPARK_CONF_DIR": str(place / "conf"),
            "SPARK_LOCAL_DIRS": str(place / "spill"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
        }
        if java := find_java(place):
            self.environment["JAVA_HOME"] = str(java)
        host, port = self.url.removeprefix("spark://").split(":")
        self.master = self._start("master.Master", "--host", host, "--port", port, "--webui-port", "0")
        self._wait_for(int(port))
        self.workers = [
            self._start(
                "worker.Worker", "--cores", "1", "--memory", "700m", "--host", host, "--webui-port", "0",
                "--work-dir", str(place / f"worker{number}"), self.url,
            )
            for number in (1, 2)
        ]  # fmt: skip

    def _start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self.home / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}", *options],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _wait_for(self, port: int) -> None:
        for _try in range(600):
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the master did not start")

    def drive(self, records: Path, out: Path) -> subprocess.Popen[str]:
        """Start a count and wait until it has kept its first tables on the workers."""
        driver = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(records), str(out)],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert driver.stdout is not None and driver.stdout.readline().strip() == "counting"
        return driver

    def kill(self, process: subprocess.Popen) -> None:
        """Kill a process and all that it started."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(request, tmp_path):
    if "cluster" not in request.config.getoption("-m"):
        pytest.skip("takes minutes: make cluster-check")
    running = Cluster(tmp_path)
    yield running
    for process in (*running.workers, running.master):
        running.kill(process)


def test_a_worker_and_a_driver_may_die(cluster, made, published, tmp_path):
    out = tmp_path / "out" / "panel.csv"
    driver = cluster.drive(made, out)
    cluster.kill(cluster.workers[1])  # its executor, and what it kept, with it
    _said, noise = driver.communicate("go on\n", timeout=240)
    assert driver.returncode == 0, noise
    for name in ("panel.csv", "panel.suppressed.csv"):
        assert out.with_name(name).read_bytes() == published.with_name(name).read_bytes()
    # What is said are our own lines: where Spark spills, what was read; no log of Spark or of Java.
    assert "SPARK_LOCAL_DIRS" in noise
    # One line of Hadoop comes before Spark can be told to be quiet, and lost workers are said.
    loud = [line for line in noise.splitlines() if " WARN " in line or " INFO " in line]
    assert all("NativeCodeLoader" in line for line in loud), loud

    driver = cluster.drive(made, tmp_path / "second" / "panel.csv")
    cluster.kill(driver)
    cluster.kill(cluster.workers[0])  # which would clear up, and is not what is asked about
    assert not (tmp_path / "second").exists()
    people = pq.read_table(made / "orders", columns=["worker_id"])["worker_id"].to_pylist()[:300]
    signs = [sign for who in people for sign in (who.to_bytes(8, "little"), who.to_bytes(8, "big"))]
    for file in (path for path in (tmp_path / "spill").rglob("*") if path.is_file()):
        content = file.read_bytes()
        assert not any(sign in content for sign in signs), "what a killed run leaves is not readable"
