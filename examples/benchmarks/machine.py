"""What a benchmark ran with: command, commit, processor, instruction set and versions."""

import os
import platform
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import sklearn
import skorch
import torch

import sklearn_protlstm

# Names in /proc/cpuinfo. A name such as "AMD EPYC" stands for many processors; family and model
# tell them apart.
_FIELDS = {
    "processor": "model name",
    "vendor": "vendor_id",
    "family": "cpu family",
    "model": "model",
}
_LIMITS = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")


def describe_session():
    """Say what a reader needs to repeat a run: command, commit and machine.

    Returns
    -------
    session : dict
        The command, the commit, and the result of :func:`describe_machine`. The commit ends in
        "-dirty" if a file differs from it.
    """
    git = ["git", "describe", "--always", "--dirty"]
    here = Path(__file__).parent
    commit = subprocess.run(git, cwd=here, capture_output=True, text=True, check=False).stdout
    machine = describe_machine()
    del machine["seed"]  # the command has it, or the script
    return {
        "command": shlex.join(["python", *sys.argv]),
        "commit": commit.strip() or "unknown",
        **machine,
    }


def describe_machine():
    """Collect what a reader needs to judge the figures.

    Returns
    -------
    machine : dict
        ``instruction_set`` is what torch's own kernels use, and ``instruction_limits`` has the
        environment variables that hold it or oneDNN back. ``flush_mode`` says whether the
        processor can turn subnormal numbers to zero.
    """
    return {
        "date": time.strftime("%Y-%m-%d"),
        **describe_processor(),
        "threads": torch.get_num_threads(),
        "instruction_set": torch.backends.cpu.get_cpu_capability(),
        "instruction_limits": {name: os.environ[name] for name in _LIMITS if name in os.environ},
        # The mode belongs to a thread; the caller's stays as it is.
        "flush_mode": in_own_thread(torch.set_flush_denormal, True),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "skorch": skorch.__version__,
        "sklearn_protlstm": sklearn_protlstm.__version__,
        "seed": 0,
    }


def describe_processor():
    """Look up the processor's name and, where Linux tells them, vendor, family and model.

    Returns
    -------
    facts : dict of str to str
        Always with "processor".
    """
    facts = {"processor": platform.processor() or platform.machine() or "unknown"}
    try:
        first = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    except OSError:
        return facts
    parts = (line.partition(":") for line in first.splitlines())
    told = {key.strip(): value.strip() for key, _, value in parts}
    return facts | {ours: told[theirs] for ours, theirs in _FIELDS.items() if told.get(theirs)}


def file_name(machine):
    """Name the file with the results of a processor.

    Parameters
    ----------
    machine : dict
        From :func:`describe_machine`.

    Returns
    -------
    name : str
        Such as "amd-epyc-family-25-model-17.json".
    """
    words = [re.sub(r"\((r|tm)\)|\bcpu\b|@.*", " ", machine["processor"].lower())]
    words += [f"{kind} {machine[kind]}" for kind in ("family", "model") if kind in machine]
    words += machine["instruction_limits"].values()
    return "-".join(re.findall(r"[a-z0-9]+", " ".join(words).lower())) + ".json"


def in_own_thread(function, *arguments):
    """Call a function in a new thread, so that what it does to its thread ends with it.

    Parameters
    ----------
    function : callable
        What to call.
    *arguments : tuple
        Of the function.

    Returns
    -------
    result : object
        Of the function.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()
