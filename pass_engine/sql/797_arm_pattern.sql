-- Purpose: Members of the two cohorts of a comparison by their covariates, for a propensity score. Stays in the registry.
-- Reads: covariate_arm
-- Writes: arm_pattern
-- Grain: one row a comparison, cohort and pattern of covariates
-- Binds: none
-- Days: none counted
SELECT analysis, is_target, is_first, pattern, count(*) AS persons
FROM covariate_arm
GROUP BY analysis, is_target, is_first, pattern
