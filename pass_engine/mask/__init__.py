"""Pairwise additive masks over whole numbers: keys, masks, and which sets of contributors may be summed."""

from pass_engine.mask.keys import MaskKey, load_mask_key, make_mask_key, shared_secret, write_mask_key
from pass_engine.mask.masks import MODULUS, masked, unmasked_sum
from pass_engine.mask.sets import FEWEST, told_by_sets

__all__ = [
    "FEWEST",
    "MODULUS",
    "MaskKey",
    "load_mask_key",
    "make_mask_key",
    "masked",
    "shared_secret",
    "told_by_sets",
    "unmasked_sum",
    "write_mask_key",
]
