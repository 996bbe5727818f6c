"""The masked registries of a run, counted and summed anew: with other masks, which cancel as those before did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pass_engine.rounds import ROUND, read_round
from pass_engine.run.folder import APPROVALS
from pass_engine.run.masking import LocalRound, summed_analyses
from pass_engine.run.pooling import BUNDLES
from pass_engine.site import analysis_kinds
from pass_engine.terms import MASKED, TOOK_PART
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pass_engine.protocol import Protocol


def round_again(run: Path, protocol: Protocol, told: Mapping[str, Mapping[str, Any]]) -> LocalRound | None:
    """A round over the registries that a run has summed masked, for the analyses it has summed; None: there are none.

    ``told``: rows of participation by registry.
    """
    if not (run / BUNDLES / MASKED).is_dir():
        return None
    members = [n for n, row in told.items() if row["status"] == TOOK_PART and row["release"] == MASKED]
    kinds = analysis_kinds(protocol)
    file = run / APPROVALS / members[0] / ROUND
    if file.is_file():
        analyses = read_round(file.read_text(encoding="utf-8"), shown_name(file)).analyses
    else:
        analyses = summed_analyses(kinds, [_policy(run, name)["allow"] for name in members])
    return LocalRound.of(members, analyses, protocol, kinds)


def _policy(run: Path, name: str) -> dict[str, Any]:
    content = json.loads((run / BUNDLES / name / "registry.json").read_text(encoding="utf-8"))
    return dict(content["policy"])
