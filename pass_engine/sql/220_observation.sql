-- Purpose: Observation periods of a person that overlap or touch, made one.
-- Reads: observation_period, person_in_study
-- Writes: observation
-- Grain: one row a person and unbroken time under observation
-- Binds: none
-- Days: both ends count; a period that starts the day after another ends continues it
WITH ordered AS (
    SELECT
        person_no,
        start_date,
        end_date,
        max(end_date) OVER (
            PARTITION BY person_no ORDER BY start_date, end_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM observation_period AS o
    JOIN person_in_study AS p ON p.person_id = o.person_id
),
numbered AS (
    SELECT
        person_no,
        start_date,
        end_date,
        sum(CASE WHEN start_date <= covered_until + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY person_no ORDER BY start_date, end_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS observation_no
    FROM ordered
)
SELECT
    person_no,
    CAST(observation_no AS BIGINT) AS observation_no,
    min(start_date) AS observation_start,
    max(end_date) AS observation_end
FROM numbered
GROUP BY person_no, observation_no
