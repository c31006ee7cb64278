"""Federated training of the character-level language model, all replicas at once.

K clients hold disjoint text, start each round from one model, take H steps of AdamW on their own
and send their models back. The server steps along the mean of what came back:

| method | server |
|---|---|
| `fedavg` | the mean is the new model (McMahan et al. 2017, arXiv:1602.05629) |
| `diloco` | the mean change is a gradient: Nesterov momentum 0.9, rate 0.7 (arXiv:2311.08105) |

With both, a client keeps its AdamW state from round to round, as in DiLoCo, so the two differ in
the server's step alone. One client with `fedavg` is ordinary training.

Runs that differ only in seed and rate have tensors of the same shapes: they and their clients are
stacked, and every step is one pass of `torch.func.vmap` over the stack.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.lab.data.text import Corpus
from isoloss.lab.trainers.char_lm import Config, batches, learning_rate
from isoloss.lab.trainers.transformer import Shape, initial, load_torch, logits, parameters

METHODS = ("fedavg", "diloco")
_EPSILON = 1e-8  # AdamW's, as PyTorch has it


@dataclass(frozen=True)
class FederatedConfig:
    """Everything a federated run depends on.

    Attributes:
        layers, width, heads: of the transformer.
        compute: training FLOPs of all clients together by the rule 6 N D; the run takes the
            nearest whole number of steps.
        clients: K.
        local_steps: H, steps between two meetings with the server; the last round is shorter
            where H does not divide the steps.
        method: `fedavg` or `diloco`.
        lr: peak rate of the clients' AdamW.
        seed: of the initial weights and of the order of the data.
        batch: sequences a step of one client.
        context: tokens a sequence.
        outer_rate, outer_momentum: the server's, with `diloco`.
        data: name of the corpus.
    """

    layers: int
    width: int
    heads: int
    compute: float
    clients: int
    local_steps: int
    method: str
    lr: float
    seed: int = 0
    batch: int = 8
    context: int = 64
    outer_rate: float = 0.7
    outer_momentum: float = 0.9
    data: str = "kjv"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"method is {self.method!r}; expected one of {', '.join(METHODS)}")
        for name in ("compute", "clients", "local_steps", "lr", "batch", "context", "outer_rate"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} is {getattr(self, name)}; expected more than 0")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> FederatedConfig:
        """Back from `asdict(config)`."""
        names = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - names)
        if unknown:
            raise InputError(f"unknown settings {unknown}; expected some of {sorted(names)}")
        return cls(**values)

    def steps(self, params: int) -> int:
        """Steps of one client: compute / (6 N) tokens over K clients, at least 1."""
        each = self.clients * self.batch * self.context
        return max(1, round(self.compute / (6 * params) / each))

    def central(self, params: int) -> Config:
        """One ordinary run over all clients' data: the schedule and the order of the windows."""
        steps = self.steps(params)
        return Config(
            layers=self.layers,
            width=self.width,
            heads=self.heads,
            tokens=steps * self.clients * self.batch * self.context,
            batch=self.clients * self.batch,
            lr=self.lr,
            seed=self.seed,
            context=self.context,
            data=self.data,
        )


def train_stack(configs: Sequence[FederatedConfig], corpus: Corpus) -> list[dict[str, Any]]:
    """Train runs that differ in seed and rate alone; a result for each, in order.

    Args:
        configs: the runs.
        corpus: the text; its name must be that of the configurations.

    Returns:
        For each run: `params`, `tokens` (of all clients), `flops_6nd`, `steps` (of one client),
        `rounds`, `loss` and `loss_se` (nats/token on the held-out blocks, standard error over
        blocks; None where training diverged), `status` (`ok` or `diverged`), `seconds` (CPU,
        the stack's divided by its runs) and `text_digest`.

    Raises:
        InputError: the runs differ in more than seed and rate, or name another corpus.
        MissingExtraError: PyTorch is not installed.
    """
    first = configs[0]
    for config in configs:
        if replace(config, seed=first.seed, lr=first.lr) != first:
            raise InputError("runs of one stack may differ in seed and rate only")
    if corpus.name != first.data:
        raise InputError(f"the runs ask for data '{first.data}', the corpus is '{corpus.name}'")
    began = time.process_time()
    stack = _Stack(configs, corpus)
    for step in range(stack.steps):
        stack.advance(step)
    blocks = stack.measure(corpus.validation)
    seconds = (time.process_time() - began) / len(configs)
    return [stack.result(row, seconds, corpus) for row in blocks]


class _Stack:
    """Runs under way: weights of shape (runs * clients, ...) by name, clients innermost."""

    def __init__(self, configs: Sequence[FederatedConfig], corpus: Corpus) -> None:
        torch = load_torch()
        first = configs[0]
        self.configs, self.first, self.clients = configs, first, first.clients
        self.shape = Shape(
            first.layers, first.width, first.heads, first.context, len(corpus.vocabulary)
        )
        self.params = sum(parameters(self.shape).values())
        self.steps = first.steps(self.params)
        starts = {  # runs of one seed read the same windows
            config.seed: batches(config.central(self.params), corpus.train) for config in configs
        }
        self.windows = np.stack([starts[config.seed] for config in configs], axis=1)
        self.text = corpus.train
        fresh = [initial(self.shape, config.seed) for config in configs]
        self.server = {
            name: torch.stack([weights[name].detach() for weights in fresh]) for name in fresh[0]
        }
        self.velocity = {name: torch.zeros_like(w) for name, w in self.server.items()}
        self.weights = self._sent()
        self.first_moment = {name: torch.zeros_like(w) for name, w in self.weights.items()}
        self.second_moment = {name: torch.zeros_like(w) for name, w in self.weights.items()}
        rates = [
            [learning_rate(c.central(self.params), s) for c in configs] for s in range(self.steps)
        ]
        self.rates = torch.tensor(np.repeat(np.array(rates), self.clients, axis=1))
        self.gradient = torch.func.vmap(torch.func.grad(self._loss))

    def _sent(self) -> dict[str, Any]:
        return {name: w.repeat_interleave(self.clients, dim=0) for name, w in self.server.items()}

    def _loss(self, weights: Mapping[str, Any], window: Any) -> Any:
        # written out: the fused kernel has no rule for stacks of weights
        scores = logits(self.shape, weights, window[:, :-1], fused=False)
        return load_torch().nn.functional.cross_entropy(
            scores.flatten(0, 1), window[:, 1:].flatten()
        )

    def advance(self, step: int) -> None:
        """One step of every client, and a round's end where it is due."""
        torch = load_torch()
        reach = np.arange(self.first.context + 1)
        places = self.windows[step].reshape(-1, self.first.batch)
        tokens = torch.from_numpy(self.text[places[..., None] + reach].astype(np.int64))
        with torch.no_grad():
            self._adamw(step, self.gradient(self.weights, tokens))
            if (step + 1) % self.first.local_steps == 0 or step + 1 == self.steps:
                self._meet()

    def _adamw(self, step: int, gradient: Mapping[str, Any]) -> None:
        """As `torch.optim.AdamW` after `clip_grad_norm_`, a row a client."""
        torch = load_torch()
        settings = self.first.central(self.params)
        norm = torch.stack([g.flatten(1).square().sum(1) for g in gradient.values()]).sum(0).sqrt()
        cut = (settings.clip / (norm + 1e-6)).clamp(max=1.0)
        one = 1 - settings.beta1 ** (step + 1)
        two = 1 - settings.beta2 ** (step + 1)
        for name, weight in self.weights.items():
            wide = (-1, *[1] * (weight.dim() - 1))
            g = gradient[name] * cut.view(wide)
            rate = self.rates[step].to(weight.dtype).view(wide)
            m, v = self.first_moment[name], self.second_moment[name]
            m.lerp_(g, 1 - settings.beta1)
            v.mul_(settings.beta2).addcmul_(g, g, value=1 - settings.beta2)
            if not name.startswith(("embedding", "norm")):
                weight.mul_(1 - rate * settings.weight_decay)
            weight.sub_(rate * (m / one) / ((v / two).sqrt() + _EPSILON))

    def _meet(self) -> None:
        """The server takes its step and sends its model out."""
        for name, weight in self.weights.items():
            old = self.server[name]
            mean = weight.view(len(self.configs), self.clients, *old.shape[1:]).mean(1)
            if self.first.method == "diloco":
                change, velocity = old - mean, self.velocity[name]
                velocity.mul_(self.first.outer_momentum).add_(change)
                change = change + self.first.outer_momentum * velocity
                mean = old - self.first.outer_rate * change
            self.server[name] = mean
        self.weights = self._sent()

    def measure(self, validation: np.ndarray) -> np.ndarray:
        """Mean loss (runs, blocks) of the server's models, as `char_lm.block_losses` has it."""
        torch = load_torch()
        count = (validation.shape[1] - 1) // self.first.context
        reach = np.arange(count)[:, None] * self.first.context + np.arange(self.first.context + 1)
        loss = torch.func.vmap(self._loss, in_dims=(0, None))
        with torch.no_grad():
            columns = [
                loss(self.server, torch.from_numpy(block[reach].astype(np.int64))).numpy()
                for block in validation
            ]
        return np.stack(columns, axis=1).astype(float)

    def result(self, blocks: np.ndarray, seconds: float, corpus: Corpus) -> dict[str, Any]:
        """What one run gave."""
        first, fine = self.first, bool(np.isfinite(blocks).all())
        tokens = self.steps * first.clients * first.batch * first.context
        error = float(blocks.std(ddof=1) / math.sqrt(len(blocks)))
        return {
            "params": self.params,
            "tokens": tokens,
            "flops_6nd": 6 * self.params * tokens,
            "steps": self.steps,
            "rounds": math.ceil(self.steps / first.local_steps),
            "status": "ok" if fine else "diverged",
            "loss": float(blocks.mean()) if fine else None,
            "loss_se": error if fine else None,
            "seconds": round(seconds, 3),
            "text_digest": corpus.digest,
        }
