"""Bundles: one registry's aggregates, written, read and verified."""

from pass_engine.bundle.bundle import BUNDLE_FORMAT, MANIFEST, BundleContent, bundle_files, read_bundle, write_bundle
from pass_engine.bundle.files import digest_file, json_text, read_csv, write_csv, write_json, write_parquet

__all__ = [
    "BUNDLE_FORMAT",
    "MANIFEST",
    "BundleContent",
    "bundle_files",
    "digest_file",
    "json_text",
    "read_bundle",
    "read_csv",
    "write_bundle",
    "write_csv",
    "write_json",
    "write_parquet",
]
