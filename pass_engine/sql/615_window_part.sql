-- Purpose: Where days under two exposures are a category of their own: every stretch of days under the same windows, and
--     whose it is. Under one window it is that exposure's; under several it is the category of the two that began last, if
--     the protocol has it; exposures that began on one day are a combination and nobody's, unless the protocol orders them.
-- Reads: laid_out_window, part_rule, overlap_rule
-- Writes: window_part
-- Grain: one row a time at risk, person and stretch of days that is someone's
-- Binds: none
-- Days: both ends count
WITH laid_out AS (
    SELECT
        w.time_at_risk, w.person_no, w.cohort, w.switch_from, r.order_no,
        w.window_start AS first_day,
        w.window_end AS last_day
    FROM laid_out_window AS w
    JOIN part_rule AS r ON r.time_at_risk = w.time_at_risk AND r.cohort = w.cohort
),
edge AS (
    SELECT time_at_risk, person_no, first_day AS day FROM laid_out
    UNION
    SELECT time_at_risk, person_no, last_day + 1 AS day FROM laid_out
),
stretch AS (
    SELECT
        time_at_risk, person_no, day AS part_start,
        lead(day) OVER (PARTITION BY time_at_risk, person_no ORDER BY day) - 1 AS part_end
    FROM edge
),
covered AS (
    SELECT
        p.time_at_risk, p.person_no, p.part_start, p.part_end, f.cohort, f.order_no, max(f.switch_from) AS begun
    FROM stretch AS p
    JOIN laid_out AS f
        ON f.time_at_risk = p.time_at_risk AND f.person_no = p.person_no
        AND f.first_day <= p.part_start AND f.last_day >= p.part_end
    GROUP BY p.time_at_risk, p.person_no, p.part_start, p.part_end, f.cohort, f.order_no
),
together AS (
    SELECT
        time_at_risk, person_no, part_start, part_end, cohort, order_no, begun,
        count(*) OVER (PARTITION BY time_at_risk, person_no, part_start, begun, order_no) AS begun_at_once
    FROM covered
),
ranked AS (
    SELECT
        time_at_risk, person_no, part_start, part_end, cohort AS newer, begun_at_once,
        lead(cohort) OVER (
            PARTITION BY time_at_risk, person_no, part_start ORDER BY begun DESC, order_no DESC, cohort) AS older,
        lead(begun_at_once) OVER (
            PARTITION BY time_at_risk, person_no, part_start ORDER BY begun DESC, order_no DESC, cohort) AS older_at_once,
        row_number() OVER (
            PARTITION BY time_at_risk, person_no, part_start ORDER BY begun DESC, order_no DESC, cohort) AS recency
    FROM together
)
SELECT
    r.time_at_risk,
    r.person_no,
    r.newer,
    coalesce(o.cohort, r.newer) AS cohort,
    r.part_start,
    r.part_end
FROM ranked AS r
LEFT JOIN overlap_rule AS o ON o.time_at_risk = r.time_at_risk AND o.older = r.older AND o.newer = r.newer
WHERE
    r.recency = 1
    AND (r.older IS NULL OR (o.cohort IS NOT NULL AND r.begun_at_once = 1 AND r.older_at_once = 1))
