-- Purpose: Days on which treatment with any substance begins anew, named in the protocol or not; they end other windows.
-- Reads: treatment, registry_rule, person_in_study, drop_rule
-- Writes: substance_start
-- Grain: one row a person, substance and first day of unbroken treatment
-- Binds: none
-- Days: both ends count; episodes of one substance that overlap or touch are one
WITH recorded AS (
    SELECT
        p.person_no,
        t.substance,
        t.start_date,
        coalesce(t.stop_date, r.data_cut_date) AS stop_date
    FROM treatment AS t
    JOIN person_in_study AS p ON p.person_id = t.person_id
    CROSS JOIN registry_rule AS r
    CROSS JOIN drop_rule AS x
    WHERE
        NOT (x.treatment_before_birth AND coalesce(t.start_date < p.birth_date, false))
        AND NOT (x.treatment_after_death AND coalesce(t.start_date > p.recorded_death_date, false))
),
ordered AS (
    SELECT
        person_no,
        substance,
        start_date,
        max(stop_date) OVER (
            PARTITION BY person_no, substance ORDER BY start_date, stop_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM recorded
)
SELECT
    person_no,
    substance,
    start_date
FROM ordered
WHERE covered_until IS NULL OR start_date > covered_until + 1
