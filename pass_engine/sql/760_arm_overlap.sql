-- Purpose: Persons with time at risk in both arms of a contrast, and the cross sums a person-robust ratio needs.
-- Reads: open_period, touched_total, touched_person, cell, count_rule, contrast_rule
-- Writes: arm_overlap
-- Grain: one row a contrast
-- Binds: none
-- Days: both ends count; t is a person's days at risk in the arm, e the events counted in it
WITH window_total AS (
    SELECT window_no, person_no, sum(date_diff('day', period_start, period_end) + 1) AS window_days
    FROM open_period
    GROUP BY window_no, person_no
),
contrasted AS (
    SELECT target_count_no AS count_no
    FROM contrast_rule
    UNION
    SELECT comparator_count_no AS count_no
    FROM contrast_rule
),
at_risk AS (
    SELECT k.count_no, w.person_no, w.window_days AS person_days, 0 AS events
    FROM window_total AS w
    JOIN count_rule AS k ON k.window_no = w.window_no
    JOIN contrasted AS d ON d.count_no = k.count_no
    LEFT JOIN touched_person AS t ON t.count_no = k.count_no AND t.person_no = w.person_no
    WHERE t.person_no IS NULL
    UNION ALL
    SELECT t.count_no, t.person_no, t.person_days, t.events
    FROM touched_total AS t
    JOIN cell AS c ON c.cell_no = t.cell_no AND NOT c.by_age AND NOT c.by_calendar AND NOT c.by_since
    WHERE t.person_days > 0
),
both_arms AS (
    SELECT
        r.analysis, r.target_count_no, r.comparator_count_no,
        count(*) AS persons,
        sum(CASE WHEN a.events > 0 THEN 1 ELSE 0 END) AS target_with_event,
        sum(CASE WHEN b.events > 0 THEN 1 ELSE 0 END) AS comparator_with_event,
        sum(CASE WHEN a.events > 0 AND b.events > 0 THEN 1 ELSE 0 END) AS both_with_event,
        sum(a.events * b.events) AS sum_e1e2,
        sum(a.events * b.person_days) AS sum_e1t2,
        sum(a.person_days * b.events) AS sum_t1e2,
        sum(a.person_days * b.person_days) AS sum_t1t2
    FROM contrast_rule AS r
    JOIN at_risk AS a ON a.count_no = r.target_count_no
    JOIN at_risk AS b ON b.count_no = r.comparator_count_no AND b.person_no = a.person_no
    GROUP BY r.analysis, r.target_count_no, r.comparator_count_no
)
SELECT
    r.analysis,
    r.outcome,
    r.time_at_risk,
    r.target,
    r.comparator,
    coalesce(b.persons, 0) AS persons_in_both,
    CAST(coalesce(b.target_with_event, 0) AS BIGINT) AS target_with_event,
    CAST(coalesce(b.comparator_with_event, 0) AS BIGINT) AS comparator_with_event,
    CAST(coalesce(b.both_with_event, 0) AS BIGINT) AS both_with_event,
    CAST(coalesce(b.sum_e1e2, 0) AS BIGINT) AS sum_e1e2,
    CAST(coalesce(b.sum_e1t2, 0) AS BIGINT) AS sum_e1t2,
    CAST(coalesce(b.sum_t1e2, 0) AS BIGINT) AS sum_t1e2,
    CAST(coalesce(b.sum_t1t2, 0) AS BIGINT) AS sum_t1t2
FROM contrast_rule AS r
LEFT JOIN both_arms AS b
    ON b.analysis = r.analysis AND b.target_count_no = r.target_count_no
    AND b.comparator_count_no = r.comparator_count_no
