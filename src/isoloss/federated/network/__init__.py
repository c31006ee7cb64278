"""Wall clock and traffic of federated training: stars of clients, rings of data centres.

| file | what |
|---|---|
| `star` | clients around a server: up-link, down-link, server, stragglers, compression |
| `datacentres` | data parallel and DiLoCo over rings, with fragments and overlap |
| `utilisation` | which bandwidth keeps accelerators busy while gradients travel behind them |
| `stragglers` | how long the slowest of m clients takes |
| `devices` | a few devices and links, each with a source or marked as a round figure |
| `rates`, `build` | `20 Mb/s`, `16 GB` as numbers, and a network from such texts |

Everything here is arithmetic on what you state: it is as right as the bandwidths are.
"""

from isoloss.federated.network.build import build_network
from isoloss.federated.network.datacentres import ARCHETYPES, Datacentres
from isoloss.federated.network.devices import DEVICES, LINKS, Device, Link, device, link
from isoloss.federated.network.rates import read_bytes, read_rate
from isoloss.federated.network.star import Star
from isoloss.federated.network.stragglers import straggler_factor
from isoloss.federated.network.timing import Network, Timing, timing
from isoloss.federated.network.utilisation import bandwidth_needed, utilisation

__all__ = [
    "ARCHETYPES",
    "DEVICES",
    "LINKS",
    "Datacentres",
    "Device",
    "Link",
    "Network",
    "Star",
    "Timing",
    "bandwidth_needed",
    "build_network",
    "device",
    "link",
    "read_bytes",
    "read_rate",
    "straggler_factor",
    "timing",
    "utilisation",
]
