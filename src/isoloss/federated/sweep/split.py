"""Which training samples each client holds, in shards of equal size."""

from __future__ import annotations

import numpy as np


def alike(count: int, clients: int, random: np.random.Generator) -> np.ndarray:
    """Shards drawn alike: (clients, count // clients) indices, no sample in two shards."""
    size = count // clients
    return random.permutation(count)[: clients * size].reshape(clients, size)


def by_class(
    labels: np.ndarray, clients: int, alpha: float, random: np.random.Generator
) -> np.ndarray:
    """Shards with class shares drawn from a Dirichlet distribution, of equal size.

    Client after client draws its class shares from Dirichlet(alpha, ..., alpha), and then its
    samples class by class, without putting any back; the share of a class that has run out goes
    to the others. The scheme is that of Hsu, Qi and Brown 2019 (arXiv:1909.06335), who divide
    their alpha among the classes: with ten of them, 0.3 here is about 3 there.

    Args:
        labels: (count,) classes from 0.
        clients: K.
        alpha: concentration of every class; small for clients with few classes each.
        random: the source of chance.

    Returns:
        (clients, count // clients) indices.
    """
    size = len(labels) // clients
    classes = int(labels.max()) + 1
    pools = [random.permutation(np.flatnonzero(labels == c)).tolist() for c in range(classes)]
    shards = np.empty((clients, size), int)
    for client in range(clients):
        shares = random.dirichlet(np.full(classes, alpha))
        for place in range(size):
            left = np.array([bool(pool) for pool in pools])
            weights = np.where(left, shares, 0.0)
            # all classes of this client may have run out: then it takes from what is left
            weights = weights if weights.sum() > 0 else left.astype(float)
            shards[client, place] = pools[
                int(random.choice(classes, p=weights / weights.sum()))
            ].pop()
    return shards
