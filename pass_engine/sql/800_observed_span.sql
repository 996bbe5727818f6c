-- Purpose: Time of every person under observation up to the data cut; periods that overlap or touch made one.
-- Reads: observation_period, registry_rule
-- Writes: observed_span
-- Grain: one row a person and unbroken time under observation
-- Binds: none
-- Days: both ends count; a period that starts the day after another ends continues it
WITH ordered AS (
    SELECT
        o.person_id,
        o.start_date,
        least(o.end_date, r.data_cut_date) AS end_date,
        max(least(o.end_date, r.data_cut_date)) OVER (
            PARTITION BY o.person_id ORDER BY o.start_date, o.end_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM observation_period AS o
    CROSS JOIN registry_rule AS r
    WHERE o.start_date <= r.data_cut_date
),
numbered AS (
    SELECT
        person_id,
        start_date,
        end_date,
        sum(CASE WHEN start_date <= covered_until + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY person_id ORDER BY start_date, end_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS span_no
    FROM ordered
)
SELECT person_id, min(start_date) AS start_date, max(end_date) AS end_date
FROM numbered
GROUP BY person_id, span_no
