"""The verb `check_claims`: a verdict on every claim, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from isoloss.exceptions import RunsError
from isoloss.federated.belief import LARGE_RESIDUAL
from isoloss.federated.check.against_law import against_law
from isoloss.federated.check.against_runs import against_runs
from isoloss.federated.check.claims import CLAIMS, PROVENANCE, Claim
from isoloss.federated.check.verdict import CANNOT_TELL, Evidence
from isoloss.federated.direct import direct_slope
from isoloss.federated.fit import FederatedFit, fit_federated
from isoloss.federated.provenance import PAPER
from isoloss.federated.setting import positive, whole
from isoloss.federated.source import federated_law
from isoloss.federated.table import read_federated_runs
from isoloss.notices import Notice

LAW = "hoffmann2022_a3"


@dataclass(frozen=True)
class Check:
    """The claims with their evidence.

    Attributes:
        claims: in the order of the abstract.
        evidence: letter -> what the law and, where there are runs, the runs say.
        compute, clients: where the law was asked.
        law: its name.
        runs: where the runs come from; empty without.
        notices: about the law and the reading of the runs.
    """

    claims: tuple[Claim, ...]
    evidence: dict[str, tuple[Evidence, ...]]
    compute: float
    clients: int
    law: str
    runs: str
    notices: tuple[Notice, ...] = ()

    def verdict(self, letter: str) -> str:
        """That of the runs where they can tell, else that of the law."""
        return self._deciding(letter)[0]

    def decided_by(self, letter: str) -> str:
        """`runs` or `law`; empty where neither can tell."""
        return self._deciding(letter)[1]

    def words(self, letter: str) -> str:
        """The verdict, and on what it rests alone where runs were given and one cannot tell."""
        verdict, kind = self._deciding(letter)
        if not self.runs or not kind:
            return verdict
        if kind == "law":
            return f"{verdict}, by the law alone"
        told = all(one.verdict != CANNOT_TELL for one in self.evidence[letter])
        return verdict if told else f"{verdict}, by these runs alone"

    def _deciding(self, letter: str) -> tuple[str, str]:
        found = {one.kind: one.verdict for one in self.evidence[letter]}
        for kind in ("runs", "law"):
            if found.get(kind, CANNOT_TELL) != CANNOT_TELL:
                return found[kind], kind
        return CANNOT_TELL, ""

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "paper": PAPER,
            "law": self.law,
            "flops": self.compute,
            "clients": self.clients,
            "runs": self.runs or None,
            "claims": [
                {
                    "letter": claim.letter,
                    "claim": claim.text,
                    "provenance": [PROVENANCE],
                    "verdict": self.verdict(claim.letter),
                    "decided_by": self.decided_by(claim.letter) or None,
                    "evidence": [e.to_document() for e in self.evidence[claim.letter]],
                    "contrary": [c.to_document() for c in claim.contrary],
                }
                for claim in self.claims
            ],
        }

    def __str__(self) -> str:
        lines = [f"claims of {PAPER}, in our words   [{PROVENANCE}]"]
        for claim in self.claims:
            lines.append(f"({claim.letter}) {claim.text}: {self.words(claim.letter)}")
            for e in self.evidence[claim.letter]:
                tags = ", ".join(e.provenance)
                lines.append(f"    {e.kind}: {e.verdict}; {e.says}   [{tags}]")
                lines.append(f"          rests on {e.rests_on}")
            for c in claim.contrary:
                lines.append(f"    but {c.source}: {c.says}   [{c.provenance}]")
        return "\n".join(lines)

    __repr__ = __str__


def check_claims(
    law: Any = LAW,
    *,
    runs: Any = None,
    rho: Any = None,
    flops: float = 1e21,
    clients: int = 64,
    seed: int = 0,
    **reading: Any,
) -> Check:
    """Hold the claims against a law, and against runs where there are some.

    Args:
        law: as in `plan_federated`; a federated fit brings its own rho.
        runs: a table, or runs, for `read_federated_runs`; a ladder of a sweep is one.
        rho: as in `plan_federated`.
        flops: total compute at which the law is asked.
        clients: how many are compared with one.
        seed: of the replicates.
        reading: options of `read_federated_runs`.

    Raises:
        PlanError: the law cannot be asked so.
        RunsError: the runs cannot be read.
    """
    compute, k = positive("flops", flops), whole("clients", clients, 2)
    made = federated_law(law, rho=rho)
    evidence = {letter: [one] for letter, one in against_law(made, compute, k).items()}
    source, notices = "", list(made.subject.notices)
    if isinstance(law, FederatedFit) and runs is None:
        runs = law.fit.runs
    if runs is not None:
        table = read_federated_runs(runs, **reading)
        source = table.source
        notices += table.notices
        direct, gamma, why = None, None, ""
        try:
            direct = direct_slope(table, seed=seed)
        except RunsError as error:
            why = str(error)
        try:
            fitted = fit_federated(table, seed=seed, draws=300)
            gamma = fitted.gamma if fitted.rms <= LARGE_RESIDUAL else None
        except RunsError as error:
            why = why or str(error)
        for letter, one in against_runs(direct, gamma, why).items():
            evidence[letter].append(one)
    return Check(
        CLAIMS,
        {letter: tuple(found) for letter, found in evidence.items()},
        compute,
        k,
        made.name,
        source,
        tuple(notices),
    )
