"""Rounds of masked registries: who takes part is fixed, each member adds its masks, and only the sum can be read.

A round (``round.json``) names a release, the analyses that all its members cover, and each member with its decision and
the mask key in it. What a member sends (``masked.json``) is uniformly random to whoever lacks another member's key; the
sum over all members is exact. Nothing can be read from part of a round.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pass_engine.bundle import BundleContent
from pass_engine.bundle.masked import (
    MASKED_TABLES,
    NO_OTHERS,
    Layout,
    empty_tables,
    flatten,
    lay_out,
    unflatten,
    unsummed_variables,
)
from pass_engine.disclose import check_border, stricter
from pass_engine.disclose.stricter import AT_MOST
from pass_engine.errors import BundleError, Fault, TrustError
from pass_engine.mask import FEWEST, MODULUS, masked, told_by_sets, unmasked_sum
from pass_engine.mask.keys import is_public
from pass_engine.registry.models import Policy
from pass_engine.terms import MASKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pass_engine.mask import MaskKey
    from pass_engine.protocol import Protocol

ROUND_FORMAT = "pass_engine round 1"
MESSAGE_FORMAT = "pass_engine masked 1"
ROUND, MESSAGE = "round.json", "masked.json"
KINDS = ("incidence", "comparison")
"""Kinds of analysis that are masked; a sensitivity analysis is an incidence."""
SMALLEST = (*AT_MOST, "dominance")
"""Rules of a policy of which the smallest is the strictest."""
NO_CURVES = "masked: no life table leaves"


@dataclass(frozen=True)
class Member:
    """A member of a round: the number and digest of its decision, and the public mask key that the decision holds."""

    number: int
    decision: str
    key: str


@dataclass(frozen=True)
class Round:
    """Who sums what. ``earlier``: sets of registries whose sums over this study are known already."""

    study: str
    release: str
    protocol: str
    analyses: tuple[str, ...]
    members: Mapping[str, Member]
    earlier: tuple[tuple[str, ...], ...] = ()

    def text(self) -> str:
        """Canonical JSON."""
        content = {
            "format": ROUND_FORMAT,
            "study": self.study,
            "release": self.release,
            "protocol": self.protocol,
            "analyses": sorted(self.analyses),
            "members": {
                n: {"number": m.number, "decision": m.decision, "mask_key": m.key} for n, m in self.members.items()
            },
            "earlier": sorted(sorted(names) for names in self.earlier),
        }
        return json.dumps(content, indent=2, sort_keys=True) + "\n"

    @property
    def digest(self) -> str:
        """SHA-256 of its text: masks are made for it and for no other."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    @property
    def keys(self) -> dict[str, str]:
        """Member to public mask key."""
        return {name: member.key for name, member in self.members.items()}


def read_round(text: str, where: str) -> Round:
    """A round from its text, spelt as :meth:`Round.text` spells it. Raises TrustError (PE926)."""
    try:
        content = json.loads(text)
        members = {n: Member(m["number"], m["decision"], m["mask_key"]) for n, m in content["members"].items()}
        earlier = tuple(tuple(names) for names in content["earlier"])
        found = Round(
            content["study"], content["release"], content["protocol"], tuple(content["analyses"]), members, earlier
        )
        same = found.text() == text and all(is_public(key) for key in found.keys.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        same = False
    if not same:
        problem, mend = f"a round of the format {ROUND_FORMAT!r} is needed", "make it with pass-engine round open"
        raise TrustError(Fault(where, "", "another content", problem, mend, "PE926"))
    return found


def check_sets(asked: Round, ledger: Iterable[Sequence[str]], where: str) -> None:
    """May these members be summed, beside all sets that were? Raises TrustError (PE927).

    ``ledger``: sets whose sums over this study were made before, as far as whoever asks knows.
    """
    sets = {frozenset(s) for s in (asked.members, *asked.earlier, *ledger)}
    told = told_by_sets(sets)
    if len(asked.members) < FEWEST:
        found, problem = f"{len(asked.members)} members", f"a sum is over at least {FEWEST} masked registries"
        mend = "let these registries release in another mode, or wait for more"
    elif told:
        found = f"{len(sets)} sets"
        problem = f"together they would tell numbers about {' and '.join(told)} alone"
        mend = "sum over the same registries as before, or over three more or fewer"
    else:
        return
    raise TrustError(Fault(where, "members", found, problem, mend, "PE927"))


def mask_content(
    content: BundleContent, protocol: Protocol, asked: Round, key: MaskKey
) -> tuple[BundleContent, dict[str, Any]]:
    """What leaves a member: its bundle without numbers, and its message.

    ``content`` is its own bundle, with plain counts. Raises TrustError (PE928) where the bundle lacks an analysis of
    the round, DisclosureError (PE520) where a level has no place.
    """
    name = content.registry_id
    faults = [
        Fault(name, f"analyses.{w['analysis']}", w["reason"], "the registry keeps back an analysis that the round sums",
              "decide without the analysis, and open the round anew", "PE928")
        for w in content.withheld
        if w["table"] == "counts" and w["analysis"] in asked.analyses
    ]  # fmt: skip
    if faults:
        raise TrustError(*faults)
    tables = {
        table: frame[frame["analysis"].isin(["", *asked.analyses])] if "analysis" in frame.columns else frame
        for table, frame in content.tables.items()
    }
    layout = lay_out(tables, protocol)
    message = {
        "format": MESSAGE_FORMAT,
        "registry": name,
        "round": asked.digest,
        "layout": layout.as_json(),
        "numbers": masked(flatten(tables, layout), name, key, asked.keys, asked.digest),
    }
    return _without_numbers(content, protocol, asked), message


def _without_numbers(content: BundleContent, protocol: Protocol, asked: Round) -> BundleContent:
    kept = empty_tables({"quality_gate": content.tables["quality_gate"]})
    alone = [t for t, frame in content.tables.items() if len(frame) and t not in (*MASKED_TABLES, "quality_gate")]
    away = [(t, "", NO_CURVES if t == "life_table" else NO_OTHERS) for t in alone]
    away += [("baseline", "", f"masked: {v} is not summed") for v in unsummed_variables(content.tables, protocol)]
    there = set(content.tables["counts"]["analysis"])
    away += [("counts", a, "masked: not every member covers it") for a in sorted(there - set(asked.analyses))]
    records = [{"table": t, "analysis": a, "cohort": "", "reason": reason} for t, a, reason in away]
    marks = {table: {k: v for k, v in mark.items() if k != "rows"} for table, mark in content.fingerprints.items()}
    return replace(content, tables=kept, withheld=(*content.withheld, *records), fingerprints=marks)


def sum_round(
    asked: Round,
    messages: Mapping[str, Mapping[str, Any]],
    contents: Mapping[str, BundleContent],
    protocol: Protocol,
    kinds: Mapping[str, str],
) -> BundleContent:
    """The sum over all members as one bundle, named ``masked``. Nothing is read from part of a round.

    ``messages`` and ``contents``: member to what it sent. ``kinds``: analysis to its kind. The strictest of the
    members' rules on persons and levels is applied to the sum. Raises TrustError (PE929) where a member is
    missing, BundleError (PE613) where the messages are not those of one round.
    """
    check_whole(asked, messages)
    layouts = {json.dumps(m["layout"], sort_keys=True) for m in messages.values()}
    lengths = {len(m["numbers"]) for m in messages.values()}
    other = [name for name, m in messages.items() if m["round"] != asked.digest or m["registry"] != name]
    if other or len(layouts) != 1 or len(lengths) != 1:
        raise BundleError(_not_one(asked, ", ".join(other) or "other rows"))
    layout = Layout.from_json(next(iter(messages.values()))["layout"])
    total = unmasked_sum(m["numbers"] for m in messages.values())
    if total[0] != len(asked.members) or max(total) >= MODULUS // 2:
        raise BundleError(_not_one(asked, "masks that do not cancel"))
    facts = _facts(contents)
    policy = Policy.model_validate({**facts["policy"], "allow": tuple(facts["policy"]["allow"])})
    strict = stricter(policy, protocol.study.publish)
    tables, withheld = check_border(unflatten(total, layout), strict, kinds)
    about = next(iter(contents.values())).protocol
    return BundleContent(facts, about, tables, (*withheld, *layout.records()))


def check_whole(asked: Round, messages: Mapping[str, object]) -> None:
    """Has every member sent its message? Raises TrustError (PE929): a round with a dropout releases nothing."""
    missing = sorted(asked.members.keys() - messages.keys())
    if missing:
        found = f"no message of {', '.join(missing)}"
        problem = "nothing can be read from part of a round, and none of it is released"
        mend = "wait for the rest, leave its members' bundles out, or end it with pass-engine round end"
        raise TrustError(Fault(f"round {asked.digest[:12]}…", "members", found, problem, mend, "PE929"))


def _facts(contents: Mapping[str, BundleContent]) -> dict[str, Any]:
    """What is said of the sum: the strictest of its members' rules, and who they are."""
    own = [contents[name].registry for name in sorted(contents)]
    policies = [facts["policy"] for facts in own]
    allowed = set.intersection(*(set(p["allow"]) for p in policies))
    return {
        "id": MASKED,
        "name": "Masked registries, summed",
        "members": sorted(contents),
        "countries": sorted({c for facts in own for c in facts["countries"]}),
        "synthetic": any(facts["synthetic"] for facts in own),
        "policy": {
            **policies[0],
            **{rule: max(p[rule] for p in policies) for rule in ("min_cell", "min_persons")},
            **{rule: min((p[rule] for p in policies if p.get(rule)), default=None) for rule in SMALLEST},
            "zeros": max((p.get("zeros", "shown") for p in policies), key=("shown", "withheld").index),
            "allow": [kind for kind in KINDS if kind in allowed],
        },
    }


def _not_one(asked: Round, found: str) -> Fault:
    problem, mend = "the messages are not those of one round", "end it, and let its members decide anew"
    return Fault(f"round {asked.digest[:12]}…", "", found, problem, mend, "PE613")
