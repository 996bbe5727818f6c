-- Purpose: Events and days of each count between data lock points: everyone's days, less those of touched persons, plus
--     the days on which touched persons are at risk.
-- Reads: lock_interval, open_period, touched_person, time_segment, counted_event, lock_rule, count_rule
-- Writes: lock_count
-- Grain: one row an analysis, count and interval
-- Binds: none
-- Days: both ends count; first_event_days end with the first event
WITH whole AS (
    SELECT
        p.window_no, p.person_no, l.lock_point,
        sum(date_diff(
            'day', greatest(p.period_start, l.interval_start), least(p.period_end, l.interval_end)
        ) + 1) AS days
    FROM open_period AS p
    JOIN lock_interval AS l ON l.interval_start <= p.period_end AND l.interval_end >= p.period_start
    GROUP BY p.window_no, p.person_no, l.lock_point
),
everyone AS (
    SELECT window_no, lock_point, sum(days) AS days
    FROM whole
    GROUP BY window_no, lock_point
),
part AS (
    SELECT c.count_no, e.lock_point, 0 AS first_events, 0 AS events, e.days AS person_days, e.days AS first_event_days
    FROM everyone AS e
    JOIN count_rule AS c ON c.window_no = e.window_no
    UNION ALL
    SELECT t.count_no, w.lock_point, 0 AS first_events, 0 AS events, -w.days AS person_days, -w.days AS first_event_days
    FROM touched_person AS t
    JOIN whole AS w ON w.window_no = t.window_no AND w.person_no = t.person_no
    UNION ALL
    SELECT
        s.count_no, l.lock_point, 0 AS first_events, 0 AS events,
        date_diff(
            'day', greatest(s.segment_start, l.interval_start), least(s.segment_end, l.interval_end)
        ) + 1 AS person_days,
        greatest(0, date_diff(
            'day', greatest(s.segment_start, l.interval_start),
            least(s.segment_end, l.interval_end, coalesce(s.first_event, s.segment_end))
        ) + 1) AS first_event_days
    FROM time_segment AS s
    JOIN lock_interval AS l ON l.interval_start <= s.segment_end AND l.interval_end >= s.segment_start
    WHERE s.is_at_risk
    UNION ALL
    SELECT
        e.count_no, l.lock_point,
        CASE WHEN e.event_no = 1 THEN 1 ELSE 0 END AS first_events,
        1 AS events, 0 AS person_days, 0 AS first_event_days
    FROM counted_event AS e
    JOIN lock_interval AS l ON e.onset_date BETWEEN l.interval_start AND l.interval_end
),
asked AS (
    SELECT a.analysis, p.count_no, p.lock_point, p.first_events, p.events, p.person_days, p.first_event_days
    FROM part AS p
    JOIN lock_rule AS a ON a.count_no = p.count_no
    UNION ALL
    SELECT a.analysis, a.count_no, l.lock_point, 0 AS first_events, 0 AS events, 0 AS person_days, 0 AS first_event_days
    FROM lock_rule AS a
    CROSS JOIN lock_interval AS l
)
SELECT
    analysis,
    count_no,
    lock_point,
    CAST(sum(first_events) AS BIGINT) AS first_events,
    CAST(sum(events) AS BIGINT) AS events,
    CAST(sum(person_days) AS BIGINT) AS person_days,
    CAST(sum(first_event_days) AS BIGINT) AS first_event_days
FROM asked
GROUP BY analysis, count_no, lock_point
