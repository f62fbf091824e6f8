"""Measure in fresh interpreters: what one process does to its memory, no other one suffers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

COUNTS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS", "NPROC", "PJRT_NPROC",
)  # fmt: skip
ROOT = Path(__file__).parent.parent


def environment(threads: int) -> dict[str, str]:
    """Pin the threads of every library, by what they read when they are imported."""
    parallel = "true" if threads > 1 else "false"
    return {
        **os.environ,
        **dict.fromkeys(COUNTS, str(threads)),
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={parallel}",
    }


def call(function: str, *args: Any, threads: int = 1) -> Any:
    """Call ``benchmarks.module.function(*args)`` in a process of its own; all of it is JSON.

    Raises
    ------
    RuntimeError
        With the last line that the process wrote, if it failed.
    """
    module, _, name = function.rpartition(".")
    code = (
        "import json, sys; "
        f"from benchmarks.{module} import {name}; "
        f"print(json.dumps({name}(*json.loads(sys.argv[1]))))"
    )
    done = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", code, json.dumps(args)],
        cwd=ROOT,
        env=environment(threads),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it was killed"])[-1])
    return json.loads(done.stdout.splitlines()[-1])
