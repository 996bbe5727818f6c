"""A masked registry's keys of rounds: made with a decision, kept beside it, used once, deleted after that.

A new decision about a release deletes the keys of those before, so that whoever decides anew cannot answer an earlier
round any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.audit import read_entries
from pass_engine.errors import Fault, TrustError
from pass_engine.mask import load_mask_key, write_mask_key
from pass_engine.terms import MASKED
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.decide import Decision
    from pass_engine.mask import MaskKey
    from pass_engine.registry import LoadedRegistry

KEYS = "masks"
SHORT = 16
"""Characters of a digest that name a file."""


def is_masked(registry: LoadedRegistry) -> bool:
    """Do this registry's counts leave masked only?"""
    return registry.registry.policy.release == MASKED


def keep_mask_key(folder: Path, release: str, decision: str, key: MaskKey | None) -> None:
    """Keep the key of a new decision; keys of earlier ones about the release go. No key: they go all the same."""
    place = folder / KEYS
    for old in sorted(place.glob(f"{release[:SHORT]}-*.key")):
        old.unlink()
    if key is not None:
        place.mkdir(mode=0o700, exist_ok=True)
        write_mask_key(_file(folder, release, decision), key)


def take_mask_key(folder: Path, decision: Decision) -> MaskKey:
    """The key of a decision. Raises TrustError (PE931) where it was used before, or is another."""
    path = _file(folder, decision.release_digest, decision.digest)
    try:
        key = load_mask_key(path)
    except (OSError, ValueError):
        key = None
    if key is None or key.public != decision.mask_key:
        problem = f"the mask key of decision {decision.number} is not here: a key masks one round, then it is deleted"
        mend = "decide anew; a round is opened with the new decision"
        found = "no file" if not path.exists() else "another content"
        raise TrustError(Fault(shown_name(path), "", found, problem, mend, "PE931"))
    return key


def delete_mask_key(folder: Path, decision: Decision) -> None:
    """A key that masked a round is gone."""
    _file(folder, decision.release_digest, decision.digest).unlink()


def masked_rounds(log: Path, study: str) -> tuple[str, ...]:
    """Digests of the rounds of a study for which this registry made its message."""
    return tuple(e["round"] for e in read_entries(log) if e["act"] == "mask" and e["study"] == study)


def _file(folder: Path, release: str, decision: str) -> Path:
    return folder / KEYS / f"{release[:SHORT]}-{decision[:SHORT]}.key"
