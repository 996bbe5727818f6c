-- Purpose: Eras that may be a person's cohort entry: those that begin in the study period.
-- Reads: exposure_era, cohort_rule, study_rule
-- Writes: cohort_candidate
-- Grain: one row a cohort, person and candidate era
-- Binds: none
-- Days: both ends of the study period count; day 0 is the first day of the era
WITH numbered AS (
    SELECT
        c.cohort,
        e.person_no,
        e.era_no,
        e.era_start AS day_0,
        s.entries,
        row_number() OVER (PARTITION BY c.cohort, e.person_no ORDER BY e.era_start, e.era_no) AS candidate_no
    FROM exposure_era AS e
    JOIN cohort_rule AS c ON c.cohort = e.exposure
    CROSS JOIN study_rule AS s
    WHERE e.era_start >= s.period_start AND e.era_start <= s.period_end
)
SELECT
    cohort,
    person_no,
    era_no,
    day_0,
    candidate_no
FROM numbered
WHERE candidate_no = 1 OR entries IN ('first_qualifying', 'all')
