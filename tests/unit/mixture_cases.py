"""Tables of runs that the tests of mixtures share."""

import numpy as np

from isoloss import Runs, read_runs


def chinchilla_like(runs: int = 36, noise: float = 0.005, seed: int = 0) -> Runs:
    """Runs on a grid of sizes and lengths, from an additive law."""
    rng = np.random.default_rng(seed)
    side = round(runs**0.5)
    n, d = (
        v.ravel() for v in np.meshgrid(np.geomspace(2e7, 2e9, side), np.geomspace(4e8, 4e10, side))
    )
    return table(n, d, np.exp(truth(n, d) + noise * rng.standard_normal(n.size)))


def truth(n, d):
    """ln of the loss of the additive law."""
    return np.log(1.82 + 482 * np.asarray(n) ** -0.348 + 2085 * np.asarray(d) ** -0.366)


def table(n, d, loss) -> Runs:
    """Runs over N and D."""
    return read_runs({"N": n, "D": d, "loss": loss}, map="N=N,D=D,loss=loss", groups={})


def one_input(kind: str, runs: int = 24, noise: float = 0.003, seed: int = 0) -> Runs:
    """Runs along compute: `floor`, `power`, or with a break at the middle of the range."""
    rng = np.random.default_rng(seed)
    c = np.geomspace(1e17, 1e21, runs)
    y = {
        "floor": np.log(1.8 + 1600 * c**-0.165),
        "power": 3 - 0.05 * np.log(c),
        "steeper": 3 - 0.05 * np.log(c) - 0.05 * np.maximum(np.log(c / 1e19), 0),
        "plateau": 3 - 0.05 * np.log(c) + 0.05 * np.maximum(np.log(c / 1e19), 0),
        "early": 3 - 0.15 * np.log(c) + 0.10 * np.maximum(np.log(c / 4e17), 0),
    }[kind]
    loss = np.exp(y + noise * rng.standard_normal(runs))
    return read_runs({"C": c, "loss": loss}, map="C=C,loss=loss", groups={})
