-- Purpose: Persons with time at risk in both arms of a contrast, and the cross sums a person-robust ratio needs.
-- Reads: window_total, touched_total, touched_person, count_rule, contrast_rule
-- Writes: arm_overlap
-- Grain: one row a contrast
-- Binds: none
-- Days: both ends count; t is a person's days at risk in the arm, e the events counted in it
WITH at_risk AS (
    SELECT c.count_no, w.person_no, w.window_days AS person_days, 0 AS events
    FROM count_rule AS c
    JOIN window_total AS w
        ON w.window_no = c.window_no AND NOT w.by_age AND NOT w.by_calendar AND NOT w.by_since
    LEFT JOIN touched_person AS t ON t.count_no = c.count_no AND t.person_no = w.person_no
    WHERE t.person_no IS NULL
    UNION ALL
    SELECT count_no, person_no, person_days, events
    FROM touched_total
    WHERE NOT by_age AND NOT by_calendar AND NOT by_since AND person_days > 0
),
both_arms AS (
    SELECT
        r.analysis, r.target_count_no, r.comparator_count_no,
        a.person_no,
        a.events AS e1, a.person_days AS t1,
        b.events AS e2, b.person_days AS t2
    FROM contrast_rule AS r
    JOIN at_risk AS a ON a.count_no = r.target_count_no
    JOIN at_risk AS b ON b.count_no = r.comparator_count_no AND b.person_no = a.person_no
)
SELECT
    r.analysis,
    r.outcome,
    r.time_at_risk,
    r.target,
    r.comparator,
    count(b.person_no) AS persons_in_both,
    CAST(coalesce(sum(b.e1 * b.e2), 0) AS BIGINT) AS sum_e1e2,
    CAST(coalesce(sum(b.e1 * b.t2), 0) AS BIGINT) AS sum_e1t2,
    CAST(coalesce(sum(b.t1 * b.e2), 0) AS BIGINT) AS sum_t1e2,
    CAST(coalesce(sum(b.t1 * b.t2), 0) AS BIGINT) AS sum_t1t2
FROM contrast_rule AS r
LEFT JOIN both_arms AS b
    ON b.analysis = r.analysis AND b.target_count_no = r.target_count_no
    AND b.comparator_count_no = r.comparator_count_no
GROUP BY r.analysis, r.outcome, r.time_at_risk, r.target, r.comparator
