"""The written Flower app, as far as it can be looked at without Flower."""

import ast
import importlib.util
import sys
import tomllib

import numpy as np
import pytest

from isoloss.exceptions import InputError, MissingExtraError
from isoloss.federated.flower_app import write_app
from isoloss.federated.flower_app.template.numpy_model import MODEL, _gradients
from isoloss.federated.sweep import run_sweep


def test_an_app_has_what_flower_reads(tmp_path):
    app = write_app(tmp_path / "app", name="my-app", clients=5, rate=0.1, keep_state=True)
    found = {str(p.relative_to(app.folder)) for p in app.folder.rglob("*") if p.is_file()}
    assert found == set(app.files)
    assert app.model == "my_app/model.py"
    project = tomllib.loads((app.folder / "pyproject.toml").read_text())
    flower = project["tool"]["flwr"]["app"]
    assert flower["components"] == {
        "serverapp": "my_app.server_app:app",
        "clientapp": "my_app.client_app:app",
    }
    assert flower["config"]["clients"] == flower["config"]["min-clients"] == 5
    assert flower["config"]["rate"] == 0.1
    assert flower["config"]["keep-state"] is True
    assert project["project"]["dependencies"] == ["flwr>=1.41", "numpy>=1.26"]
    assert "num-supernodes=5" in (app.folder / "README.md").read_text()


@pytest.mark.parametrize("model", ["numpy", "torch"])
def test_an_app_stands_alone(tmp_path, model):
    app = write_app(tmp_path / "app", model=model)
    imported = set()
    for path in app.folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
    third = imported - set(sys.stdlib_module_names)
    assert third == {"flwr", "numpy", "federated_app"} | ({"torch"} if model == "torch" else set())


def test_the_same_options_write_the_same_bytes(tmp_path):
    one, two = write_app(tmp_path / "one"), write_app(tmp_path / "two")
    for path in one.files:
        assert (one.folder / path).read_bytes() == (two.folder / path).read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "My App"}, "name must be small letters"),
        ({"name": "../x"}, "name must be small letters"),
        ({"model": "jax"}, "model must be one of numpy, torch"),
        ({"clients": 0}, "clients must be at least 1"),
        ({"steps": 1.5}, "steps must be a whole number"),
        ({"rate": 0}, "rate must be a positive number"),
        ({"clients": 2, "min_clients": 3}, "min_clients is 3, more than the 2 clients"),
    ],
)
def test_bad_options_are_named_and_nothing_is_written(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        write_app(tmp_path / "app", **options)
    assert not (tmp_path / "app").exists()


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="no empty folder"):
        write_app(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_model_in_numpy_follows_its_gradient():
    data = MODEL.data(0, 3)
    params = MODEL.init(1)
    inputs, labels = data
    for i, slope in enumerate(_gradients(params, inputs, labels)):
        at = tuple(0 for _ in slope.shape)
        sides = []
        for step in (1e-6, -1e-6):
            moved = [array.copy() for array in params]
            moved[i][at] += step
            sides.append(MODEL.loss(moved, data))
        assert slope[at] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-7)


def test_the_model_in_numpy_keeps_momentum_where_it_may():
    data, params, rate = MODEL.data(0, 3), MODEL.init(0), np.full(4, 0.1)
    kept: dict[str, np.ndarray] = {}
    one = MODEL.train(params, data, 4, rate, first_step=0, state=kept)
    assert set(kept) == {f"momentum-{i}" for i in range(4)}
    with_state = MODEL.train(one, data, 4, rate, first_step=4, state=dict(kept))
    without = MODEL.train(one, data, 4, rate, first_step=4, state={})
    whole = MODEL.train(params, data, 8, np.full(8, 0.1), first_step=0, state={})
    np.testing.assert_array_equal(with_state[0], whole[0])
    assert np.abs(without[0] - whole[0]).max() > 1e-4
    assert MODEL.loss(whole, MODEL.validation()) < MODEL.loss(params, MODEL.validation())


def test_without_flower_the_message_says_what_to_install(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "flwr" else real(name, *a)
    )
    with pytest.raises(MissingExtraError, match=r"pip install 'isoloss\[federated\]'"):
        run_sweep("newcomer", engine="flower")
    small = {"task": "digits", "clients": [1], "widths": [4], "compute": 1e5, "seeds": 1}
    assert len(run_sweep(**small, rates=[0.5])) == 1


@pytest.mark.slow
def test_the_model_in_torch_keeps_its_moments_where_it_may():
    pytest.importorskip("torch")
    from isoloss.federated.flower_app.template.torch_model import MODEL as TORCH

    data, params, rate = TORCH.data(0, 3), TORCH.init(0), np.full(4, 0.01)
    kept: dict[str, np.ndarray] = {}
    one = TORCH.train(params, data, 4, rate, first_step=0, state=kept)
    assert {name.split("/")[1] for name in kept} == {"step", "exp_avg", "exp_avg_sq"}
    with_state = TORCH.train(one, data, 4, rate, first_step=4, state=dict(kept))
    without = TORCH.train(one, data, 4, rate, first_step=4, state={})
    whole = TORCH.train(params, data, 8, np.full(8, 0.01), first_step=0, state={})
    for a, b in zip(with_state, whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert np.abs(without[0] - whole[0]).max() > 1e-4
    assert TORCH.loss(whole, TORCH.validation()) < TORCH.loss(params, TORCH.validation())
