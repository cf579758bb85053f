"""Run the tests as other processors would run them, and count the results of each run.

    python tests/as_other_processors.py              # every switch, some two minutes each
    python tests/as_other_processors.py avx2 threads # those whose name holds one of the words

The switches choose among the code paths that PyTorch, oneDNN and OpenBLAS keep for different
processors. They only narrow what the processor at hand can do: where it has no AVX-512, a run with
``ATEN_CPU_CAPABILITY=avx512`` is a run with AVX2. None makes subnormal numbers slow, and none makes
an AMD processor round as an Intel one does within the same instruction set. Turning oneDNN off does
not reach the worker processes of a test: two tests that compare with such workers are skipped then.
"""

import os
import re
import subprocess
import sys

SWITCHES = [
    {},
    {"ATEN_CPU_CAPABILITY": "default"},
    {"ATEN_CPU_CAPABILITY": "avx2"},
    {"ATEN_CPU_CAPABILITY": "avx512"},
    {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"},
    {"OPENBLAS_CORETYPE": "Haswell"},
    {"OPENBLAS_CORETYPE": "SkylakeX"},
    {"PROTLSTM_TEST_ONEDNN": "off"},
    {"PROTLSTM_TEST_THREADS": "2"},
    {"PROTLSTM_TEST_THREADS": "4"},
]
COMMAND = [sys.executable, "-m", "pytest", "-q", "--numprocesses", "2", "--dist", "loadfile"]


def main(words):
    runs = [
        switch for switch in SWITCHES if not words or any(word in name(switch) for word in words)
    ]
    failed = [name(switch) for switch in runs if not passes(switch)]
    print(f"{len(runs) - len(failed)} of {len(runs)} runs passed", *failed, sep="\n  failed: ")
    return 1 if failed or not runs else 0


def name(switch):
    return " ".join(f"{key}={value}" for key, value in switch.items()) or "as it is"


def passes(switch):
    run = subprocess.run(COMMAND, env={**os.environ, **switch}, capture_output=True, text=True)
    lines = run.stdout.splitlines()
    failures = [line for line in lines if re.match("(FAILED|ERROR) ", line)]
    print(
        f"{name(switch):<34}{lines[-1] if lines else run.stderr}", *failures, sep="\n  ", flush=True
    )
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
