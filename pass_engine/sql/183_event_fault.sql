-- Purpose: Reports of adverse events that lack what counting needs, or contradict themselves or the person.
-- Reads: report, report_dated, person, registry_rule
-- Writes: event_fault
-- Grain: one row a rule
-- Binds: none
-- Days: none counted
WITH dated AS (
    SELECT
        d.onset_date, d.earliest_onset_date, d.latest_end_date, p.birth_date, p.death_date, r.data_cut_date
    FROM report_dated AS d
    JOIN person AS p ON p.person_id = d.person_id
    CROSS JOIN registry_rule AS r
)
SELECT
    'event_without_onset' AS rule_id, 'adverse_event' AS table_name, 'onset_date' AS column_name,
    'Report without an onset: not counted' AS label,
    count(*) AS tested, count(CASE WHEN onset_date IS NULL THEN 1 END) AS failed
FROM dated
UNION ALL
SELECT
    'event_before_birth' AS rule_id, 'adverse_event' AS table_name, 'onset_date' AS column_name,
    'Onset before birth' AS label,
    count(*) AS tested, count(CASE WHEN onset_date < birth_date THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL AND birth_date IS NOT NULL
UNION ALL
SELECT
    'event_after_death' AS rule_id, 'adverse_event' AS table_name, 'onset_date' AS column_name,
    'Onset after death' AS label,
    count(*) AS tested, count(CASE WHEN onset_date > death_date THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL AND death_date IS NOT NULL
UNION ALL
SELECT
    'event_after_cut' AS rule_id, 'adverse_event' AS table_name, 'onset_date' AS column_name,
    'Onset after the data cut' AS label,
    count(*) AS tested, count(CASE WHEN onset_date > data_cut_date THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL
UNION ALL
SELECT
    'event_end_before_onset' AS rule_id, 'adverse_event' AS table_name, 'end_date' AS column_name,
    'End before onset: the onset day is taken' AS label,
    count(*) AS tested, count(CASE WHEN latest_end_date < earliest_onset_date THEN 1 END) AS failed
FROM dated
WHERE onset_date IS NOT NULL AND latest_end_date IS NOT NULL
UNION ALL
SELECT
    'serious_unknown' AS rule_id, 'adverse_event' AS table_name, 'serious' AS column_name,
    'Seriousness unknown: no flag and no criterion says it' AS label,
    count(*) AS tested,
    count(CASE WHEN coalesce(serious_flag, 'unknown') = 'unknown' AND serious_by_criteria = 'unknown' THEN 1 END) AS failed
FROM report
UNION ALL
SELECT
    'serious_contradiction' AS rule_id, 'adverse_event' AS table_name, 'serious' AS column_name,
    'Flagged not serious although a criterion says so: counted as serious' AS label,
    count(*) AS tested, count(CASE WHEN serious_flag = 'no' AND serious_by_criteria = 'yes' THEN 1 END) AS failed
FROM report
WHERE serious_flag = 'no'
UNION ALL
SELECT
    'fatal_without_death' AS rule_id, 'adverse_event' AS table_name, 'outcome' AS column_name,
    'Fatal outcome without a death record' AS label,
    count(*) AS tested, count(CASE WHEN p.death_date IS NULL THEN 1 END) AS failed
FROM report AS r
JOIN person AS p ON p.person_id = r.person_id
WHERE r.outcome = 'fatal'
