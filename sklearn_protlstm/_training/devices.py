"""Where a network runs, and the random numbers that it draws there."""

from contextlib import contextmanager
from threading import RLock

import torch

from sklearn_protlstm.exceptions import DeviceUnavailableError

__all__ = ["available_devices", "draw_seed", "resolve_device", "seeded_torch"]


def available_devices():
    """List the devices of this machine, such as ``["cuda:0", "cpu"]``, fastest kind first."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def resolve_device(device):
    """Turn the parameter `device` into a torch.device that exists.

    Parameters
    ----------
    device : str or torch.device
        "auto" is the first CUDA device, else MPS, else the CPU.

    Returns
    -------
    device : torch.device
        With an index if it is a CUDA device.

    Raises
    ------
    DeviceUnavailableError
        If this machine does not have the device.
    """
    names = available_devices()
    if device == "auto":
        return torch.device(names[0])
    name = "cuda:0" if str(device) == "cuda" else str(device)
    if name not in names:
        raise DeviceUnavailableError(
            f"device={str(device)!r} is not available here; there is {', '.join(names)}. "
            'device="auto" takes the first of them',
            device=str(device),
        )
    return torch.device(name)


# All threads share torch's generators, so searches that fit in threads take turns.
_GENERATORS = RLock()


@contextmanager
def seeded_torch(seed, device):
    """Seed torch's generators of the CPU and of a device, and restore them afterwards."""
    forked = torch.random.fork_rng(devices=[device.index] if device.type == "cuda" else [])
    with _GENERATORS, forked:
        # torch.manual_seed would seed every GPU, also those in use by others.
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.default_generators[device.index].manual_seed(seed)
        elif device.type == "mps":
            mps_state = torch.mps.get_rng_state()
            torch.mps.manual_seed(seed)
        try:
            yield
        finally:
            if device.type == "mps":
                torch.mps.set_rng_state(mps_state)


def draw_seed(rng):
    """Draw a seed, from 0 to 2**31 - 2, for another generator."""
    return rng.randint(2**31 - 1)
