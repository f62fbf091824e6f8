import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource
import {module}
import numpy as np

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(1 << 17) for _ in range(20)]  # a MiB each
    del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print([faults() for _ in range(5)][-1])
"""


def faults_of_a_step(module: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(module=module)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is about glibc's allocator")
def test_arrays_that_were_freed_are_there_for_the_next_step() -> None:
    assert faults_of_a_step("autograd_nn") < 100 < faults_of_a_step("numpy")
