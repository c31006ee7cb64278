"""Flower without side effects: no telemetry, nothing installed, nothing left behind.

By default Flower sends usage events and asks for updates, its SuperLink installs an app's
dependencies at run time, and Ray sends statistics and stays up. Here all of it is off, and what
must be written goes to a folder that is removed again.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from isoloss.exceptions import MissingExtraError

_SHORT = 40

OFF = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    # a thread pool in every worker would fight over the cores
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def need_flower() -> None:
    """Refuse where Flower's simulation is not installed.

    Raises:
        MissingExtraError: saying how to install it.
    """
    for package in ("flwr", "ray"):
        if importlib.util.find_spec(package) is None:
            purpose = "training through Flower (the engine 'numpy' needs nothing more)"
            raise MissingExtraError("flwr[simulation]", "federated", purpose)


@contextmanager
def quiet() -> Iterator[dict[str, Any]]:
    """The environment in which Flower runs; what it and Ray changed is put back.

    Yields:
        Arguments for Ray's start.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="isoloss-", ignore_cleanup_errors=True) as home:
        os.environ.update(OFF, FLWR_HOME=home)
        try:
            _silence()
            # Ray's sockets lie below this folder, and a socket's path may have 107 characters
            yield {"_temp_dir": home} if len(home) <= _SHORT else {}
        finally:
            _stop_ray()
            for name in set(os.environ) - set(before):
                del os.environ[name]
            os.environ.update(before)


def _silence() -> None:
    import logging

    # read once, when the module is imported, which may have been before the variable was set
    from flwr.supercore import telemetry  # pyright: ignore[reportMissingImports]

    telemetry.FLWR_TELEMETRY_ENABLED = "0"
    logging.getLogger("flwr").setLevel(logging.ERROR)


def _stop_ray() -> None:
    import ray  # pyright: ignore[reportMissingImports]

    if ray.is_initialized():
        ray.shutdown()
