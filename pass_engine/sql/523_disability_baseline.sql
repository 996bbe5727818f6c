-- Purpose: EDSS at baseline: the last visit of the baseline window; only of persons who can reach the change from there.
-- Reads: disability_rule, disability_visit
-- Writes: disability_baseline
-- Grain: one row an outcome and person
-- Binds: none
-- Days: the baseline window counts from cohort entry, both ends; EDSS in half points
WITH ranked AS (
    SELECT
        v.outcome,
        v.person_no,
        v.visit_date,
        v.half_points,
        row_number() OVER (PARTITION BY v.outcome, v.person_no ORDER BY v.visit_date DESC) AS recency
    FROM disability_visit AS v
    JOIN disability_rule AS r ON r.outcome = v.outcome
    WHERE v.visit_date >= v.entry_date + r.baseline_from AND v.visit_date <= v.entry_date + r.baseline_to
)
SELECT
    b.outcome,
    b.person_no,
    b.visit_date AS baseline_date,
    b.half_points AS baseline
FROM ranked AS b
JOIN disability_rule AS r ON r.outcome = b.outcome
WHERE
    b.recency = 1
    AND (r.reach IS NULL OR b.half_points < r.reach)
    AND (coalesce(r.change, '') <> 'improvement' OR b.half_points >= r.least_to_improve)
    AND (coalesce(r.change, '') <> 'worsening' OR b.half_points < 20)
