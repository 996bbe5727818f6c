"""The protocol: one study as its authors write it, checked, with its digest and its scenarios."""

from pass_engine.protocol.codes import Code, normalise_code
from pass_engine.protocol.digest import digests_of, protocol_digest
from pass_engine.protocol.loader import Protocol, load_protocol
from pass_engine.protocol.names import age_labels, canonical_order, margin_name
from pass_engine.protocol.scenarios import Scenario

__all__ = [
    "Code",
    "Protocol",
    "Scenario",
    "age_labels",
    "canonical_order",
    "digests_of",
    "load_protocol",
    "margin_name",
    "normalise_code",
    "protocol_digest",
]
