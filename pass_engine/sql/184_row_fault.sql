-- Purpose: Rows that belong to nobody, and rows sent twice, in every table the registry supplies.
-- Reads: mapped_person, mapped_observation_period, mapped_disease, mapped_course, mapped_treatment,
--   mapped_administration, mapped_adverse_event, mapped_visit, mapped_relapse, mapped_mri, mapped_pregnancy,
--   mapped_comorbidity, mapped_comedication, mapped_laboratory, person, table_tally
-- Writes: row_fault
-- Grain: one row a rule and table
-- Binds: none
-- Days: none counted
WITH source_row AS (
    SELECT 'person' AS table_name, person_id FROM mapped_person
    UNION ALL
    SELECT 'observation_period' AS table_name, person_id FROM mapped_observation_period
    UNION ALL
    SELECT 'disease' AS table_name, person_id FROM mapped_disease
    UNION ALL
    SELECT 'course' AS table_name, person_id FROM mapped_course
    UNION ALL
    SELECT 'treatment' AS table_name, person_id FROM mapped_treatment
    UNION ALL
    SELECT 'administration' AS table_name, person_id FROM mapped_administration
    UNION ALL
    SELECT 'adverse_event' AS table_name, person_id FROM mapped_adverse_event
    UNION ALL
    SELECT 'visit' AS table_name, person_id FROM mapped_visit
    UNION ALL
    SELECT 'relapse' AS table_name, person_id FROM mapped_relapse
    UNION ALL
    SELECT 'mri' AS table_name, person_id FROM mapped_mri
    UNION ALL
    SELECT 'pregnancy' AS table_name, person_id FROM mapped_pregnancy
    UNION ALL
    SELECT 'comorbidity' AS table_name, person_id FROM mapped_comorbidity
    UNION ALL
    SELECT 'comedication' AS table_name, person_id FROM mapped_comedication
    UNION ALL
    SELECT 'laboratory' AS table_name, person_id FROM mapped_laboratory
)
SELECT
    'row_without_person_id' AS rule_id, s.table_name, 'person_id' AS column_name,
    'Row without a person: set aside' AS label,
    count(*) AS tested, count(CASE WHEN s.person_id IS NULL THEN 1 END) AS failed
FROM source_row AS s
GROUP BY s.table_name
UNION ALL
SELECT
    'orphan_rows' AS rule_id, s.table_name, 'person_id' AS column_name,
    'Row of a person who is not in the registry: set aside' AS label,
    count(*) AS tested, count(CASE WHEN p.person_id IS NULL THEN 1 END) AS failed
FROM source_row AS s
LEFT JOIN person AS p ON p.person_id = s.person_id
WHERE s.person_id IS NOT NULL AND s.table_name <> 'person'
GROUP BY s.table_name
UNION ALL
SELECT
    'duplicate_rows' AS rule_id, table_name, '' AS column_name,
    'Copy of another row: counted once' AS label,
    row_count AS tested, duplicate_count AS failed
FROM table_tally
