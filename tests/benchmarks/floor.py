"""Contestant: the floor. Scans the columns a count cannot do without and groups them once: no counting is cheaper.

It gives no numbers to compare. Run as ``python -m tests.benchmarks.floor JOB``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

SCANS = {
    "person": "SELECT sex, year(birth_date), count(*), min(death_date), max(last_contact_date) FROM t GROUP BY ALL",
    "observation_period": "SELECT year(start_date), count(*), sum(end_date - start_date) FROM t GROUP BY ALL",
    "disease": "SELECT year(diagnosis_date), count(*) FROM t GROUP BY ALL",
    "treatment": "SELECT substance, year(start_date), count(*), sum(stop_date - start_date) FROM t GROUP BY ALL",
    "event_report": "SELECT system, code, serious, year(onset_date), count(*), max(end_date) FROM t GROUP BY ALL",
}
PERSONS = "SELECT count(*), min(person_id), max(person_id) FROM t"


def main() -> None:
    """One scan and GROUP BY of each table that is counted, and one of its persons."""
    import duckdb

    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with duckdb.connect(config={"threads": str(job["threads"])}) as connection:
        connection.execute("SET enable_progress_bar = false")
        for table, scan in SCANS.items():
            file = (Path(job["data"]) / f"{table}.parquet").as_posix()
            connection.execute(f"CREATE OR REPLACE VIEW t AS FROM read_parquet('{file}')")
            for query in (scan, PERSONS):
                connection.execute(query).fetchall()


if __name__ == "__main__":
    main()
