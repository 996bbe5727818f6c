"""One registry's answer to a protocol: the one way from its data to a bundle, whoever holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.bundle import BundleContent, digest_file, write_bundle
from pass_engine.decide import LOCAL, keep_to
from pass_engine.disclose import check_border, stricter, suppress
from pass_engine.disclose.stricter import AT_LEAST, AT_MOST
from pass_engine.disclose.thresholds import rules_of
from pass_engine.fingerprint import keyed_files, keyed_tables, secret_of
from pass_engine.protocol.counted import scenarios_of
from pass_engine.registry import input_files, stated
from pass_engine.site import analysis_kinds, dictionaries_of, run_site
from pass_engine.terms import MASKED, SUPPRESSED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pass_engine.budget import Budget
    from pass_engine.decide import Decision
    from pass_engine.disclose.suppress import BorderTables
    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry
    from pass_engine.site import SiteTables


def answer_protocol(  # noqa: PLR0913 - what is asked, and what may be used for it
    registry: LoadedRegistry,
    protocol: Protocol,
    decision: Decision,
    folder: Path,
    *,
    threads: int = 2,
    parts: int = 1,
    budget: Budget | None = None,
    earlier: Sequence[BorderTables] = (),
    on_step: Callable[[str], None] = lambda _: None,
) -> frozenset[str]:
    """Count, keep to the registry's decision and policy, and write a bundle into a new folder.

    ``earlier``: the tables of bundles that left before, which what a registry suppresses is held against. Gives back
    the substances of the protocol that the registry has none of; they do not leave. Raises what
    :func:`pass_engine.site.run_site` raises, and DisclosureError.
    """
    counted = run_site(registry, protocol, threads=threads, parts=parts, budget=budget, on_step=on_step)
    write_bundle(folder, _cross_border(registry, protocol, decision, counted, earlier))
    return counted.absent_substances


def _cross_border(
    registry: LoadedRegistry,
    protocol: Protocol,
    decision: Decision,
    counted: SiteTables,
    earlier: Sequence[BorderTables],
) -> BundleContent:
    """What of a registry's aggregates its own decision and policy let leave."""
    policy, study, kinds = registry.registry.policy, protocol.study.study, analysis_kinds(protocol)
    inputs = {"registry.yaml": registry.digest} | {n: digest_file(p) for n, p in input_files(registry).items()}
    fingerprints = counted.fingerprints
    if decision.kind != LOCAL:  # this bundle will leave
        secret = secret_of(registry.folder)
        inputs, fingerprints = keyed_files(secret, inputs), keyed_tables(secret, fingerprints)
    covered, declined = keep_to(counted.tables, decision, kinds)
    rules = stricter(policy, protocol.study.publish)
    if policy.release == MASKED:
        # What a masked registry's rules ask for, they ask of the sum: nothing of it leaves alone.
        rules = policy.model_copy(update={**dict.fromkeys(AT_LEAST, 0), **dict.fromkeys(AT_MOST)})
    tables, withheld = check_border(covered, rules, kinds, counted.gated)
    if policy.release == SUPPRESSED:
        name = registry.registry.registry.id
        own = rules_of(protocol.study.publish, {name: policy.model_dump(mode="json")})
        tables, curves = suppress(tables, name, own, scenarios_of(protocol), earlier)
        withheld = (*withheld, *curves)
    return BundleContent(
        registry={
            **registry.registry.registry.model_dump(mode="json"),
            "policy": policy.model_dump(mode="json"),
            "dictionaries": dictionaries_of(registry),
            **stated(registry),
        },
        protocol={"id": study.id, "version": study.version, "digest": protocol.digest},
        tables=tables,
        withheld=(*declined, *withheld),
        inputs=inputs,
        column_maps=counted.column_maps,
        fingerprints=fingerprints,
    )
