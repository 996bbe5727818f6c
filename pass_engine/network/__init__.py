"""A network of independent registries: what sponsor, registry and centre do with keys, decisions and bundles."""

from pass_engine.network.answers import Masking, approve_bundle, review_bundle, run_release
from pass_engine.network.decisions import decide_participation
from pass_engine.network.logs import verify_audit
from pass_engine.network.pooling import Centre, PooledRelease, pool_release
from pass_engine.network.releases import release_protocol
from pass_engine.network.rounds import end_round, open_round

__all__ = [
    "Centre",
    "Masking",
    "PooledRelease",
    "approve_bundle",
    "decide_participation",
    "end_round",
    "open_round",
    "pool_release",
    "release_protocol",
    "review_bundle",
    "run_release",
    "verify_audit",
]
