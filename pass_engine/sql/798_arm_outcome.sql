-- Purpose: Days at risk and events of the members by their covariates, and the sums that a person-robust interval needs.
--     Stays in the registry, where each pattern has its weight.
-- Reads: open_period, touched_total, touched_person, cell, count_rule, contrast_rule, covariate_arm
-- Writes: arm_outcome
-- Grain: one row a comparison, outcome, time at risk, cohort and pattern of covariates
-- Binds: none
-- Days: both ends count; t is a person's days at risk, e the events counted in them
WITH window_total AS (
    SELECT window_no, person_no, sum(date_diff('day', period_start, period_end) + 1) AS window_days
    FROM open_period
    GROUP BY window_no, person_no
),
at_risk AS (
    SELECT k.count_no, w.person_no, w.window_days AS person_days, 0 AS events
    FROM window_total AS w
    JOIN count_rule AS k ON k.window_no = w.window_no
    LEFT JOIN touched_person AS t ON t.count_no = k.count_no AND t.person_no = w.person_no
    WHERE t.person_no IS NULL
    UNION ALL
    SELECT t.count_no, t.person_no, t.person_days, t.events
    FROM touched_total AS t
    JOIN cell AS c ON c.cell_no = t.cell_no AND NOT c.by_age AND NOT c.by_calendar AND NOT c.by_since
    WHERE t.person_days > 0
),
arm AS (
    SELECT r.analysis, r.outcome, r.time_at_risk, true AS is_target, r.target_count_no AS count_no
    FROM contrast_rule AS r
    UNION ALL
    SELECT r.analysis, r.outcome, r.time_at_risk, false AS is_target, r.comparator_count_no AS count_no
    FROM contrast_rule AS r
)
SELECT
    a.analysis,
    a.outcome,
    a.time_at_risk,
    a.is_target,
    m.pattern,
    count(*) AS persons,
    CAST(sum(CASE WHEN d.events > 0 THEN 1 ELSE 0 END) AS BIGINT) AS persons_with_event,
    CAST(sum(d.events) AS BIGINT) AS events,
    CAST(sum(d.person_days) AS BIGINT) AS person_days,
    CAST(sum(d.events * d.events) AS BIGINT) AS sum_e2,
    CAST(sum(d.events * d.person_days) AS BIGINT) AS sum_et,
    CAST(sum(d.person_days * d.person_days) AS BIGINT) AS sum_t2
FROM covariate_arm AS m
JOIN arm AS a ON a.analysis = m.analysis AND a.is_target = m.is_target
JOIN at_risk AS d ON d.count_no = a.count_no AND d.person_no = m.person_no
WHERE m.is_first
GROUP BY a.analysis, a.outcome, a.time_at_risk, a.is_target, m.pattern
