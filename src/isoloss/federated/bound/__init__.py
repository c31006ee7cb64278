"""Why a bound of PAC-Bayes type makes the best model smaller when the data are shared out.

A **reconstruction**: the paper that states the claim (arXiv:2511.12188) was read as an abstract
alone, so this is our derivation from named assumptions, not theirs. Step by step:

| step | file | what happens | rests on |
|---|---|---|---|
| 0 | `assumptions` | what is assumed, as named inputs | |
| 1 | `client` | a PAC-Bayes bound for one client's model, on that client's n samples | A1, A2 |
| 2 | `posterior` | KL of the stationary posterior of SGD from the prior: linear in N | A3, A4 |
| 3 | `client` | the mean of the K bounds bounds the averaged model | A2 |
| 4 | `client` | n = C / (phi N K): the bound as a function of N alone | A1, A5 |
| 5 | `optimum` | its minimum, in closed form and with all logarithms | |
| contrary | `pooled` | the averaged model, bounded on all D samples at once | A3 only |

Steps 1 and 4 count **n, one client's data**. That is where the power law in K comes from: the
contrary bound is as valid, counts D and a posterior that averaging has sharpened, and its optimum
hardly moves with K. `derive` puts both side by side.
"""

from isoloss.federated.bound.assumptions import Assumptions
from isoloss.federated.bound.client import averaged_bound, client_bound
from isoloss.federated.bound.derive import Derivation, Step, derive
from isoloss.federated.bound.optimum import closed_form, least, power_law, slope
from isoloss.federated.bound.pooled import pooled_bound
from isoloss.federated.bound.posterior import gaussian_kl, kappa, stationary_variance

__all__ = [
    "Assumptions",
    "Derivation",
    "Step",
    "averaged_bound",
    "client_bound",
    "closed_form",
    "derive",
    "gaussian_kl",
    "kappa",
    "least",
    "pooled_bound",
    "power_law",
    "slope",
    "stationary_variance",
]
