"""What a person should know about a federated plan."""

from __future__ import annotations

import math

from isoloss.federated.law import FederatedLaw
from isoloss.federated.plan.outcome import Outcome
from isoloss.federated.rho import DILOCO, RANGE
from isoloss.federated.setting import Setting
from isoloss.notices import Notice
from isoloss.trust import Place

# in one-shot averages of least-squares fits, clients cost nothing above about two samples a
# parameter and much below it
FEW_SAMPLES = 2.0


def notices_for(
    law: FederatedLaw,
    found: Outcome,
    setting: Setting,
    place: Place,
    memory_binds: bool,
    cap: float,
    steps_given: bool,
    rounds: float | None,
) -> tuple[Notice, ...]:
    """All of them, in a fixed order."""
    notices = list(law.subject.notices)
    if law.rho.name == RANGE.name and setting.clients > 1:
        notices.append(
            Notice(
                "rho-unknown",
                "no rho was chosen: the numbers are those at rho = 1, the reconstruction, and the "
                f"band is 0 to 1; DiLoCo's tables lie near {DILOCO.value:g}",
                "fit rho to runs of your own, or name one",
            )
        )
    if law.clients_to is not None and setting.clients > law.clients_to:
        notices.append(
            Notice(
                "clients-beyond-runs",
                f"{setting.clients} clients is beyond the runs that rho rests on, which have up to "
                f"{law.clients_to:g}",
                "read it as an extrapolation; the whole range of rho is 0 to 1",
            )
        )
    own = found.point("tokens_per_client") / found.point("n_params")
    if setting.clients > 1 and own < FEW_SAMPLES:
        notices.append(
            Notice(
                "few-samples-per-parameter",
                f"a client has {own:.2g} tokens for each parameter, below {FEW_SAMPLES:g}",
                "averages of models that were trained on so little are poor, and more so than the "
                "law says; give more compute, fewer clients or a smaller model",
            )
        )
    if place.status in ("edge", "outside"):
        notices.append(
            Notice(
                "outside-runs",
                f"the plan is {place.describe()}",
                "read it as an extrapolation",
            )
        )
    if memory_binds:
        notices.append(
            Notice(
                "memory-binds",
                f"the best size does not fit: memory holds N at {cap:.4g}",
                "the loss is that of the size that fits",
            )
        )
    if math.isinf(found.point("compute_multiplier")):
        notices.append(
            Notice(
                "never-catches-up",
                "no amount of compute reaches one machine's loss at this size",
                "a larger model, where memory allows",
            )
        )
    if setting.participation < 1 and "participation" not in law.fitted:
        notices.append(
            Notice(
                "participation-unknown",
                "what partial participation costs is not known to this law: all clients count in "
                "the numbers, and both readings stand beside them",
                "fit the term participation to runs of your own",
            )
        )
    if setting.dirichlet_alpha is not None and "dirichlet_alpha" not in law.fitted:
        notices.append(
            Notice(
                "skew-unknown",
                "what unlike data cost is not known to this law: the numbers are for data drawn "
                "alike",
                "fit the term dirichlet_alpha to runs of your own",
            )
        )
    if not steps_given:
        notices.append(
            Notice(
                "local-steps-assumed",
                f"local_steps was not given and is taken as {setting.local_steps}, that of "
                "DiLoCo's tables",
                "state local_steps, or leave it to choose_federated",
            )
        )
    if rounds is not None and rounds < 1:
        notices.append(
            Notice(
                "less-than-a-round",
                f"the tokens fill {rounds:.2g} of a round",
                "fewer local steps, or a smaller batch",
            )
        )
    return tuple(notices)
