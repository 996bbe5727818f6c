-- Purpose: All covariates of a person at entry as one whole number, and whether one is missing that may not be.
-- Reads: covariate_at_entry
-- Writes: covariate_pattern
-- Grain: one row a cohort and person, where the study has covariates
-- Binds: none
-- Days: none counted
SELECT
    cohort,
    person_no,
    CAST(sum(digit * multiplier) AS BIGINT) AS pattern,
    max(CASE WHEN complete_case AND digit = 0 THEN 1 ELSE 0 END) = 0 AS is_complete
FROM covariate_at_entry
GROUP BY cohort, person_no
