-- Purpose: Events that count: onset on a day at risk, outside clean windows; the first only, where the protocol says so.
-- Reads: placed_event, prior_person, open_period, count_rule, clean_window
-- Writes: counted_event
-- Grain: one row a count, person and onset day
-- Binds: none
-- Days: the event day is at risk
WITH on_a_day_at_risk AS (
    SELECT
        c.count_no,
        c.window_no,
        c.counting,
        e.person_no,
        e.onset_date,
        p.origin_date,
        p.level_no,
        row_number() OVER (PARTITION BY c.count_no, e.person_no ORDER BY e.onset_date) AS event_no
    FROM count_rule AS c
    JOIN placed_event AS e ON e.count_no = c.count_no
    JOIN open_period AS p
        ON p.window_no = c.window_no AND p.person_no = e.person_no
        AND p.period_start <= e.onset_date AND p.period_end >= e.onset_date
    LEFT JOIN prior_person AS b ON b.count_no = c.count_no AND b.person_no = e.person_no
    LEFT JOIN clean_window AS w
        ON w.count_no = c.count_no AND w.person_no = e.person_no
        AND w.window_start <= e.onset_date AND w.window_end >= e.onset_date
    WHERE w.person_no IS NULL AND b.person_no IS NULL
)
SELECT count_no, window_no, person_no, level_no, onset_date, origin_date, event_no
FROM on_a_day_at_risk
WHERE event_no = 1 OR counting = 'recurrent'
