"""Does the doctor see what is missing, and say what to do?"""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from pass_engine import doctor
from pass_engine.cli import app
from pass_engine.doctor import Found, look, told
from pass_engine.errors import Fault, ReportError
from tests.house.sources import ROOT

if TYPE_CHECKING:
    import pytest


def found(what: str) -> Found:
    (one,) = [one for one in look() if one.what == what]
    return one


def test_all_is_here() -> None:
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0, done.output
    assert f"ok       duckdb: {metadata.version('duckdb')}" in done.output
    assert f"ok       engine spark (client): {metadata.version('pyspark-client')}" in done.output
    assert "MISSING" not in done.output


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version

    def without(name: str) -> str:
        if name in ("pyspark-client", "sqlglot", "scipy"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without)
    lines = "\n".join(told(look()))
    assert "MISSING  scipy\n         mend: pip install --upgrade pass_engine" in lines
    assert "not here sqlglot (extra spark)\n         mend: pip install 'pass_engine[spark]'" in lines
    assert "not here engine spark (client)\n         mend: pip install 'pass_engine[spark]', where a registry" in lines
    assert CliRunner().invoke(app, ["doctor"]).exit_code == doctor.NOT_CLEAN


def test_a_package_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.4.2" if name == "duckdb" else version(name))
    one = found("duckdb, found 1.4.2, needed 2")
    assert (one.version, one.is_needed) == (None, True)


def test_a_system_library_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking() -> None:
        raise ReportError(Fault("here", "", "no Pango", "problem", "apt-get install it", "PE820"))

    monkeypatch.setattr("pass_engine.report.check_library", lacking)
    assert found("Pango, for the report") == Found("Pango, for the report", None, "apt-get install it")


def test_a_registry_without_a_cluster() -> None:
    done = CliRunner().invoke(app, ["doctor", "--registry", str(ROOT / "sample_data" / "cz")])
    assert "ok       cluster of cz: none: it counts with engine: duckdb" in done.output


def test_a_cluster_that_does_not_answer(tmp_path) -> None:
    from tests.e2e.test_second_engine import registry_on

    registries = registry_on("sc://127.0.0.1:1", tmp_path / "there")
    done = CliRunner().invoke(app, ["doctor", "--registry", str(registries / "aa")])
    assert done.exit_code == doctor.NOT_CLEAN
    assert "MISSING  cluster of aa\n         mend: the cluster does not answer;" in done.output
