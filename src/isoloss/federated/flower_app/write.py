"""Write a Flower app: one folder that Flower's simulation and deployment runtimes both run.

The app holds copies of `interface`, `client` and `server`, so that the machines of a federation
need Flower and NumPy alone; `model.py` is for a person to replace.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isoloss import store
from isoloss.exceptions import InputError
from isoloss.federated.setting import positive, whole

MODELS = ("numpy", "torch")
_HERE = Path(__file__).parent
_PARTS = ("interface", "client", "server")
_OURS = "isoloss.federated.flower_app"


@dataclass(frozen=True)
class App:
    """A written app.

    Attributes:
        folder: where it is.
        files: paths in it.
        package: name of its Python package.
        model: the file to replace.
    """

    folder: Path
    files: tuple[str, ...]
    package: str
    model: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "folder": str(self.folder), "files": list(self.files)}

    def __str__(self) -> str:
        return f"a Flower app of {len(self.files)} files in {self.folder}; yours is {self.model}"


def write_app(
    out_dir: str | os.PathLike[str],
    *,
    name: str = "federated-app",
    model: str = "numpy",
    clients: int = 3,
    steps: int = 64,
    local_steps: int = 8,
    rate: float = 0.05,
    seed: int = 0,
    keep_state: bool = False,
    min_clients: int | None = None,
) -> App:
    """Write a Flower app for a model of your own.

    Args:
        out_dir: a folder that is empty or does not exist yet.
        name: of the app: small letters, digits and hyphens.
        model: what `model.py` begins with: `numpy` or `torch`.
        clients: K.
        steps: optimiser steps of one client.
        local_steps: H, steps between two meetings with the server.
        rate: peak learning rate of a cosine to zero.
        seed: of the initial weights.
        keep_state: keep what a client's optimiser holds (momentum, AdamW's moments) from round to
            round, as DiLoCo does, in the node's `Context.state`; otherwise every round begins with
            a fresh optimiser, as in plain federated averaging.
        min_clients: a round goes on with so many when others are gone; all of them if None.

    Returns:
        What was written.

    Raises:
        InputError: an option cannot be, or the folder holds files.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise InputError(
            f"name must be small letters, digits and single hyphens, such as my-app, got {name!r}"
        )
    if model not in MODELS:
        raise InputError(f"model must be one of {', '.join(MODELS)}, got {model!r}")
    k = whole("clients", clients)
    least = k if min_clients is None else whole("min_clients", min_clients)
    if least > k:
        raise InputError(f"min_clients is {least}, more than the {k} clients")
    settings = {
        "clients": k,
        "steps": whole("steps", steps),
        "local-steps": whole("local_steps", local_steps),
        "rate": positive("rate", rate),
        "seed": whole("seed", seed, 0),
        "keep-state": bool(keep_state),
        "min-clients": least,
        "start-timeout": 300.0,
        "round-timeout": 600.0,
        "out": "",
    }
    folder = Path(out_dir)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is no empty folder; give another with --out")
    package = name.replace("-", "_")
    files = _files(name, package, model, settings)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        store.write_text(folder / path, text)
    return App(folder, tuple(files), package, f"{package}/model.py")


def _files(name: str, package: str, model: str, settings: dict[str, Any]) -> dict[str, str]:
    parts = {
        f"{package}/{part}.py": (_HERE / f"{part}.py").read_text("utf-8").replace(_OURS, package)
        for part in _PARTS
    }
    template = (_HERE / "template" / f"{model}_model.py").read_text("utf-8")
    return {
        "pyproject.toml": _pyproject(name, package, model, settings),
        "README.md": _readme(name, package, settings),
        f"{package}/__init__.py": f'"""{name}: a Flower app."""\n',
        f"{package}/model.py": template,
        f"{package}/client_app.py": _side("client", package),
        f"{package}/server_app.py": _side("server", package),
        **parts,
    }


def _side(side: str, package: str) -> str:
    return (
        f'"""The {side} of this app, as pyproject.toml names it."""\n\n'
        f"from {package}.{side} import {side}_app\n"
        f"from {package}.model import MODEL\n\n"
        f"app = {side}_app(MODEL)\n"
    )


def _pyproject(name: str, package: str, model: str, settings: dict[str, Any]) -> str:
    needs = ["flwr>=1.41", "numpy>=1.26", *(["torch>=2.4"] if model == "torch" else [])]
    listed = ", ".join(f'"{need}"' for need in needs)
    config = "\n".join(f"{key} = {_toml(value)}" for key, value in settings.items())
    return f"""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "Federated training of a model, written by isoloss"
license = "Apache-2.0"
requires-python = ">=3.11"
dependencies = [{listed}]

[tool.hatch.build.targets.wheel]
packages = ["{package}"]

[tool.flwr.app]
publisher = "local"

[tool.flwr.app.components]
serverapp = "{package}.server_app:app"
clientapp = "{package}.client_app:app"

# what is said here holds unless a run says otherwise: flwr run . --run-config "steps=128"
[tool.flwr.app.config]
{config}
"""


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _readme(name: str, package: str, settings: dict[str, Any]) -> str:
    text = (_HERE / "template" / "readme.txt").read_text("utf-8")
    for word, value in {"NAME": name, "PACKAGE": package, "K": settings["clients"]}.items():
        text = text.replace("{" + word + "}", str(value))
    return text
