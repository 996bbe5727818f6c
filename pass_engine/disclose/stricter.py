"""The rules a study and a registry ask for together: of each the stricter one, so that a study never weakens one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pass_engine.protocol.models import Publish
    from pass_engine.registry.models import Policy

AT_LEAST = ("min_cell", "min_persons")
"""Rules that are the stricter the larger they are."""
AT_MOST = ("max_levels", "max_parameters_per_event")
"""Rules that are the stricter the smaller they are; None asks for nothing."""


def stricter(policy: Policy, asked: Publish) -> Policy:
    """A registry's policy at the border, made stricter where the study asks for it."""
    most = {name: [m for m in (getattr(policy, name), getattr(asked, name)) if m is not None] for name in AT_MOST}
    return policy.model_copy(
        update={
            **{name: max(getattr(policy, name), getattr(asked, name)) for name in AT_LEAST},
            **{name: min(limits, default=None) for name, limits in most.items()},
        }
    )
