-- Purpose: All covariates of a person at entry as one whole number.
-- Reads: covariate_at_entry
-- Writes: covariate_pattern
-- Grain: one row a cohort and person, where the study has covariates
-- Binds: none
-- Days: none counted
SELECT
    cohort,
    person_no,
    CAST(sum(digit * multiplier) AS BIGINT) AS pattern
FROM covariate_at_entry
GROUP BY cohort, person_no
