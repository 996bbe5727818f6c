"""One text for the same values, whatever the order of their keys."""

from __future__ import annotations

import json
from datetime import date


def canonical(value: object) -> object:
    """Values as JSON holds them: lists for tuples, dates in ISO form."""
    if isinstance(value, dict):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [canonical(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces."""
    return json.dumps(canonical(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
