-- Purpose: Follow-up that cannot be used, and persons without any.
-- Reads: observation_candidate, observation_period, person
-- Writes: observation_fault
-- Grain: one row a rule
-- Binds: none
-- Days: none counted
WITH observed AS (
    SELECT DISTINCT person_id
    FROM observation_period
)
SELECT
    'observation_without_start' AS rule_id, 'observation_period' AS table_name, 'start_date' AS column_name,
    'Follow-up without a start (or entry into the registry): set aside' AS label,
    count(*) AS tested, count(CASE WHEN start_date IS NULL THEN 1 END) AS failed
FROM observation_candidate
UNION ALL
SELECT
    'observation_end_before_start' AS rule_id, 'observation_period' AS table_name, 'end_date' AS column_name,
    'Follow-up that ends before it starts: set aside' AS label,
    count(*) AS tested, count(CASE WHEN end_date < start_date THEN 1 END) AS failed
FROM observation_candidate
WHERE start_date IS NOT NULL
UNION ALL
SELECT
    'person_without_observation' AS rule_id, 'person' AS table_name, 'person_id' AS column_name,
    'Person without any follow-up' AS label,
    count(*) AS tested, count(CASE WHEN o.person_id IS NULL THEN 1 END) AS failed
FROM person AS p
LEFT JOIN observed AS o ON o.person_id = p.person_id
