"""Masked registries in a run on one machine: the same masks and sums as in a network, in one go.

Their plain counts never stand in the run folder: each is masked as soon as it is counted, and what is kept is the sum.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pass_engine.bundle import read_bundle, write_bundle
from pass_engine.errors import Fault, PassEngineError, TrustError
from pass_engine.mask import make_mask_key
from pass_engine.rounds import KINDS, Member, Round, check_sets, mask_content, sum_round
from pass_engine.terms import MASKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pass_engine.bundle import BundleContent
    from pass_engine.mask import MaskKey
    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry


@dataclass
class LocalRound:
    """A round over the masked registries of a folder, and what its members have sent so far."""

    protocol: Protocol
    kinds: Mapping[str, str]
    asked: Round
    keys: Mapping[str, MaskKey]
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, BundleContent] = field(default_factory=dict)

    @classmethod
    def over(
        cls, found: Mapping[str, LoadedRegistry], invited: tuple[str, ...], protocol: Protocol, kinds: Mapping[str, str]
    ) -> LocalRound | None:
        """The round of all masked registries that are there, for the analyses all of them allow; None: there is none.

        Raises TrustError where they are fewer than three.
        """
        members = {n: found[n] for n in invited if n in found and found[n].registry.policy.release == MASKED}
        if not members:
            return None
        analyses = summed_analyses(kinds, [one.registry.policy.allow for one in members.values()])
        made = cls.of(members, analyses, protocol, kinds)
        check_sets(made.asked, (), ", ".join(members))
        return made

    @classmethod
    def of(
        cls, members: Iterable[str], analyses: tuple[str, ...], protocol: Protocol, kinds: Mapping[str, str]
    ) -> LocalRound:
        """The round of these registries for these analyses, with new keys. The sum is the same with any keys."""
        keys = {name: make_mask_key() for name in members}
        asked = Round(
            protocol.study.study.id, "", protocol.digest, analyses,
            {name: Member(0, "", key.public) for name, key in keys.items()},
        )  # fmt: skip
        return cls(protocol, kinds, asked, keys)

    def send(self, folder: Path) -> None:
        """Mask the plain bundle in a folder, and leave there one without numbers."""
        plain = read_bundle(folder, self.protocol.digest)
        name = plain.registry_id
        self.contents[name], self.messages[name] = mask_content(plain, self.protocol, self.asked, self.keys[name])
        shutil.rmtree(folder)
        write_bundle(folder, self.contents[name])

    def finish(self, bundles: Path) -> dict[str, PassEngineError]:
        """Write the sum beside the bundles; where a member is missing nothing is read, and each gets its error."""
        try:
            summed = sum_round(self.asked, self.messages, self.contents, self.protocol, self.kinds)
        except PassEngineError as error:
            for name in self.contents:
                shutil.rmtree(bundles / name)
            return dict.fromkeys(self.contents, error)
        write_bundle(bundles / MASKED, summed)
        return {}


def summed_analyses(kinds: Mapping[str, str], allowed: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The analyses that are summed masked: of a kind that can be, and that every member's policy allows."""
    common = set.intersection(*map(set, allowed))
    return tuple(a for a, kind in kinds.items() if kind in KINDS and kind in common)


def too_few(error: TrustError, found: Mapping[str, LoadedRegistry]) -> dict[str, PassEngineError]:
    """The error of each masked registry where no round can be made."""
    names = [name for name, one in found.items() if one.registry.policy.release == MASKED]
    fault = error.faults[0]
    return {
        name: TrustError(Fault(name, fault.path, fault.found, fault.problem, fault.mend, fault.code)) for name in names
    }
