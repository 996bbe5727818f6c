-- Purpose: Open periods of touched persons cut into days at risk and days that are not: after the first event (first
--     events), or in a clean window (recurrent events). Persons left out for a prior event have no day at risk.
-- Reads: open_period, touched_person, clean_window
-- Writes: time_segment
-- Grain: one row a count, person and segment
-- Binds: none
-- Days: both ends count; the segments of a period share no day and leave none out
WITH period AS (
    SELECT
        t.count_no, t.counting, t.first_event, t.is_left_out,
        p.window_no, p.person_no, p.period_start, p.period_end, p.origin_date, p.level_no
    FROM touched_person AS t
    JOIN open_period AS p ON p.window_no = t.window_no AND p.person_no = t.person_no
),
not_at_risk AS (
    SELECT p.count_no, p.window_no, p.person_no, p.period_start, p.period_end, p.first_event, p.origin_date, p.level_no,
        greatest(p.first_event + 1, p.period_start) AS off_start,
        p.period_end AS off_end
    FROM period AS p
    WHERE NOT p.is_left_out AND p.counting = 'first' AND p.first_event < p.period_end
    UNION ALL
    SELECT p.count_no, p.window_no, p.person_no, p.period_start, p.period_end, p.first_event, p.origin_date, p.level_no,
        greatest(w.window_start, p.period_start) AS off_start,
        least(w.window_end, p.period_end) AS off_end
    FROM period AS p
    JOIN clean_window AS w
        ON w.count_no = p.count_no AND w.person_no = p.person_no
        AND w.window_start <= p.period_end AND w.window_end >= p.period_start
    WHERE NOT p.is_left_out
    UNION ALL
    SELECT count_no, window_no, person_no, period_start, period_end, first_event, origin_date, level_no,
        period_start AS off_start,
        period_end AS off_end
    FROM period
    WHERE is_left_out
),
before_off AS (
    SELECT count_no, window_no, person_no, first_event, origin_date, level_no,
        coalesce(
            lag(off_end) OVER (PARTITION BY count_no, person_no, period_start ORDER BY off_start) + 1, period_start
        ) AS segment_start,
        off_start - 1 AS segment_end
    FROM not_at_risk
),
after_off AS (
    SELECT p.count_no, p.window_no, p.person_no, p.first_event, p.origin_date, p.level_no,
        coalesce(max(n.off_end) + 1, p.period_start) AS segment_start,
        p.period_end AS segment_end
    FROM period AS p
    LEFT JOIN not_at_risk AS n
        ON n.count_no = p.count_no AND n.person_no = p.person_no AND n.period_start = p.period_start
    GROUP BY p.count_no, p.window_no, p.person_no, p.first_event, p.origin_date, p.level_no, p.period_start, p.period_end
)
SELECT count_no, window_no, person_no, segment_start, segment_end, first_event, origin_date, level_no,
    true AS is_at_risk
FROM before_off
WHERE segment_start <= segment_end
UNION ALL
SELECT count_no, window_no, person_no, segment_start, segment_end, first_event, origin_date, level_no,
    true AS is_at_risk
FROM after_off
WHERE segment_start <= segment_end
UNION ALL
SELECT count_no, window_no, person_no, off_start AS segment_start, off_end AS segment_end, first_event,
    origin_date, level_no, false AS is_at_risk
FROM not_at_risk
