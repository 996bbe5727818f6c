"""The sponsor's part: a protocol becomes a signed, pinned release, as a folder and as one archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.network import clock
from pass_engine.network.logs import head_json, note
from pass_engine.network.places import new_folder, pack
from pass_engine.pin import hold_to_lock
from pass_engine.protocol import load_protocol
from pass_engine.release import write_release
from pass_engine.sign import load_key
from pass_engine.site import analysis_kinds
from pass_engine.worked import check_cases

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.release import ReleaseFacts


def release_protocol(
    protocol_path: Path, out: Path, *, key_file: Path, signer: str, passphrase: str, log: Path
) -> ReleaseFacts:
    """Release a protocol into the new folder ``out`` and the archive ``out``.zip, and note it in the sponsor's log.

    ``signer`` is the sponsor's name in the network's trust file.
    """
    protocol = load_protocol(protocol_path)
    hold_to_lock(protocol)
    check_cases(protocol)
    key = load_key(key_file, passphrase)
    with new_folder(out) as work:
        head = head_json(log)
        facts = write_release(protocol, analysis_kinds(protocol), work, signer, key, clock.today(), head)
    pack(out)
    note(log, "release", study=facts.study, version=facts.version, release=facts.digest, protocol=facts.protocol_digest)
    return facts
