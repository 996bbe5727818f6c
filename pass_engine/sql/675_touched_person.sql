-- Purpose: Persons whose time for an outcome is not simply all days of their windows: left out for a prior event, with a
--     counted event, or with a clean window inside. Everyone else's days are counted once for all outcomes.
-- Reads: prior_person, counted_event, clean_window, open_period, count_rule
-- Writes: touched_person
-- Grain: one row a count and person
-- Binds: none
-- Days: none counted
WITH touched AS (
    SELECT b.count_no, b.person_no, 1 AS is_left_out, CAST(NULL AS DATE) AS first_event
    FROM prior_person AS b
    UNION ALL
    SELECT e.count_no, e.person_no, 0 AS is_left_out, e.onset_date AS first_event
    FROM counted_event AS e
    WHERE e.event_no = 1
    UNION ALL
    SELECT w.count_no, w.person_no, 0 AS is_left_out, CAST(NULL AS DATE) AS first_event
    FROM clean_window AS w
    JOIN count_rule AS c ON c.count_no = w.count_no
    JOIN open_period AS p
        ON p.window_no = c.window_no AND p.person_no = w.person_no
        AND w.window_start <= p.period_end AND w.window_end >= p.period_start
)
SELECT
    t.count_no,
    c.window_no,
    c.outcome,
    c.counting,
    t.person_no,
    max(t.is_left_out) = 1 AS is_left_out,
    min(t.first_event) AS first_event
FROM touched AS t
JOIN count_rule AS c ON c.count_no = t.count_no
GROUP BY t.count_no, c.window_no, c.outcome, c.counting, t.person_no
