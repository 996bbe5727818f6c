-- Purpose: Reports in an order of dates that cannot be, before collection began, or told by several sources; a local term
--   without a code is not compared between sources.
-- Reads: report, report_dated, event_report, registry_rule
-- Writes: event_order_fault
-- Grain: one row a rule
-- Binds: none
-- Days: none counted
WITH dated AS (
    SELECT
        d.onset_date, d.possible_from, d.possible_to, r.report_date, r.entry_date, g.adverse_event_start
    FROM report AS r
    JOIN report_dated AS d ON d.person_id = r.person_id AND d.report_no = r.report_no
    CROSS JOIN registry_rule AS g
),
one_event AS (
    SELECT person_id, coalesce(pt_code, code) AS term, onset_date, count(DISTINCT source) AS source_count
    FROM event_report
    WHERE system <> 'local' AND code IS NOT NULL AND source IS NOT NULL
    GROUP BY person_id, coalesce(pt_code, code), onset_date
)
SELECT
    'event_before_collection' AS rule_id, 'adverse_event' AS table_name, 'onset_date' AS column_name,
    'Onset before collection of adverse events began: not counted, but prior' AS label,
    count(*) AS tested, count(CASE WHEN onset_date < adverse_event_start THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL AND adverse_event_start IS NOT NULL
UNION ALL
SELECT
    'event_reported_before_onset' AS rule_id, 'adverse_event' AS table_name, 'report_date' AS column_name,
    'Reported before the onset' AS label,
    count(*) AS tested, count(CASE WHEN report_date < possible_from THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL AND report_date IS NOT NULL
UNION ALL
SELECT
    'event_entered_before_onset' AS rule_id, 'adverse_event' AS table_name, 'entry_date' AS column_name,
    'Entered into the registry before the onset' AS label,
    count(*) AS tested, count(CASE WHEN entry_date < possible_from THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL AND entry_date IS NOT NULL
UNION ALL
SELECT
    'event_onset_filled' AS rule_id, 'adverse_event' AS table_name, 'onset_date' AS column_name,
    'Onset that may have been on several days' AS label,
    count(*) AS tested, count(CASE WHEN possible_from < possible_to THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL
UNION ALL
SELECT
    'event_from_several_sources' AS rule_id, 'adverse_event' AS table_name, 'source' AS column_name,
    'Event told by several sources, with one term and one onset: counted once' AS label,
    count(*) AS tested, count(CASE WHEN source_count > 1 THEN 1 END) AS failed
FROM one_event
