"""What runs at the coordinating centre: the order of steps from bundles to the result files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.decide import PARTICIPATE
from pass_engine.disclose import publish
from pass_engine.disclose.thresholds import rules_of
from pass_engine.estimate import (
    Results,
    bound_rows,
    estimate_results,
    fold_members,
    frame_of,
    heterogeneity_rows,
    leave_one_out_rows,
    name_members,
    second_stage_rows,
    subgroup_rows,
    unmeasured_rows,
    write_results,
)
from pass_engine.pool import pool_bundles
from pass_engine.tables.indicators import indicators
from pass_engine.terms import DECLINED, DID_NOT_TAKE_PART, EXCLUDED, FAILED, GATE, GATE_NOT_MET, MASKED, TOOK_PART

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from pass_engine.bundle import BundleContent
    from pass_engine.decide import Decision
    from pass_engine.protocol import Protocol


def build_results(
    bundles: Sequence[BundleContent],
    protocol: Protocol,
    out_dir: Path,
    participation: Sequence[Mapping[str, Any]],
    earlier: Sequence[Results] = (),
) -> Results:
    """Pool, estimate, apply disclosure control, and write ``results/*.csv`` under the run folder ``out_dir``.

    ``participation``: one mapping an invited registry, with the columns of participation.csv
    (:func:`participation_rows` makes them). ``earlier``: results published before, which these may not be held
    against to learn of few persons. Gives back what was written.
    """
    pooled = pool_bundles(bundles, protocol.study.data.registries)
    results = estimate_pooled(pooled, bundles, protocol, participation)
    rules = rules_of(protocol.study.publish, {b.registry_id: b.registry["policy"] for b in bundles})
    members: list[str] = next((b.registry["members"] for b in bundles if b.registry_id == MASKED), [])
    known = [fold_members(before.tables, members) for before in earlier]
    tables = publish(results.tables, rules, pooled["counts"], known)
    # From the published numbers alone, so that it tells nothing they do not.
    longest = (protocol.study.data.cut - protocol.study.population.period.start).days + 1
    made = {
        "leave_one_out": leave_one_out_rows(tables["incidence"], rules),
        "heterogeneity": heterogeneity_rows(tables["incidence"]),
        "bounds": bound_rows(tables, rules, longest),
        "second_stage": second_stage_rows(tables["comparison"], protocol),
        "unmeasured": unmeasured_rows(tables["comparison"], protocol),
        "subgroups": subgroup_rows(tables["incidence"], tables["comparison"], protocol),
    }
    frames = {name: frame_of(name, rows) for name, rows in made.items()}
    shown = Results(name_members({**tables, **frames}, members))
    write_results(out_dir, shown)
    return shown


def estimate(
    bundles: Sequence[BundleContent], protocol: Protocol, participation: Sequence[Mapping[str, Any]]
) -> Results:
    """Results before disclosure control at publication: never written."""
    return estimate_pooled(pool_bundles(bundles, protocol.study.data.registries), bundles, protocol, participation)


def estimate_pooled(
    pooled: Mapping[str, pd.DataFrame],
    bundles: Sequence[BundleContent],
    protocol: Protocol,
    participation: Sequence[Mapping[str, Any]],
) -> Results:
    """Results of pooled counts before disclosure control at publication."""
    synthetic = any(b.registry["synthetic"] for b in bundles)
    return estimate_results(pooled, protocol, frame_of("participation", map(dict, participation)), synthetic=synthetic)


def participation_rows(
    bundles: Sequence[BundleContent],
    protocol: Protocol,
    failed: Mapping[str, tuple[str, str]],
    decisions: Mapping[str, Decision] | None = None,
) -> list[dict[str, Any]]:
    """One row an invited registry, in the protocol's order.

    ``failed`` is registry id to its name and the reason; one that is nowhere did not take part.
    ``decisions``: what each registry decided, as far as it is known here.
    """
    by_id, decided = {b.registry_id: b for b in bundles}, decisions or {}
    rows = []
    for registry in protocol.study.data.registries:
        decision = decided.get(registry)
        if registry in by_id:
            row = _took_part(by_id[registry])
        elif decision is not None and decision.answer != PARTICIPATE:
            reason = decision.published_reason or "the registry keeps its reason to itself"
            row = {"registry": registry, "name": registry, "status": DECLINED, "reason": reason}
        else:
            status = FAILED if registry in failed else DID_NOT_TAKE_PART
            name, reason = failed.get(registry, (registry, "no data were supplied"))
            row = {"registry": registry, "name": name, "status": status, "reason": reason}
        rows.append({**row, "decision": decision.kind if decision else ""})
    return rows


def _took_part(bundle: BundleContent) -> dict[str, Any]:
    reason = _why_excluded(bundle)
    if reason:
        facts = {"registry": bundle.registry_id, "name": bundle.registry["name"]}
        return {**facts, "status": EXCLUDED, "reason": reason, **_policy(bundle)}
    facts, attrition = bundle.registry, bundle.tables["attrition"]
    first = attrition[(attrition["scope"] == "cohort") & (attrition["step"] == "persons")]["persons"]
    return {
        "registry": bundle.registry_id,
        "name": facts["name"],
        "status": TOOK_PART,
        "reason": "",
        "persons": int(first.iloc[0]) if len(first.dropna()) else None,
        **_policy(bundle),
    }


def _policy(bundle: BundleContent) -> dict[str, Any]:
    """What a registry says of its data and asks for itself."""
    facts = bundle.registry
    return {
        "data_cut_date": str(facts["data_cut_date"]),
        "deaths": facts["deaths"],
        "min_cell": int(facts["policy"]["min_cell"]),
        "release": facts["policy"]["release"],
        "synthetic": "true" if facts["synthetic"] else "false",
    }


def _why_excluded(bundle: BundleContent) -> str:
    """The gates that exclude a registry from the whole study; empty where none does."""
    gates = bundle.tables["quality_gate"]
    acting = gates[(gates["action"] == "exclude_registry") & (gates["verdict"] == GATE_NOT_MET)]
    named = zip(acting["position"], acting["variable"], acting["indicator"], acting["limit_text"], strict=True)
    return "; ".join(f"{GATE} {n}: {v or indicators()[i].label}, {limit}" for n, v, i, limit in named)
