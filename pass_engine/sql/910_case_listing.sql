-- Purpose: Every event of every outcome among a cohort's members, with the rule that counted it or did not. Stays at the
--     registry: it names persons.
-- Reads: placed_event, count_rule, person_in_study, prior_person, counted_event, open_period, clean_window
-- Writes: case_listing
-- Grain: one row a count, person and event
-- Binds: none
-- Days: both ends of time at risk count; an onset on a day at risk counts
WITH member_event AS (
    SELECT c.count_no, c.window_no, c.counting, e.person_no, e.onset_date, e.end_date
    FROM count_rule AS c
    JOIN placed_event AS e ON e.count_no = c.count_no
),
judged AS (
    SELECT
        m.count_no, m.person_no, m.onset_date, m.end_date,
        CASE
            WHEN k.event_no = 1 THEN 'counted, the first'
            WHEN k.event_no IS NOT NULL THEN 'counted'
            WHEN b.person_no IS NOT NULL THEN 'person left out: prior event'
            WHEN o.person_no IS NULL THEN 'not on a day at risk'
            WHEN w.person_no IS NOT NULL THEN 'in the clean window of an earlier event'
            ELSE 'after the first event'
        END AS rule
    FROM member_event AS m
    LEFT JOIN counted_event AS k
        ON k.count_no = m.count_no AND k.person_no = m.person_no AND k.onset_date = m.onset_date
    LEFT JOIN prior_person AS b ON b.count_no = m.count_no AND b.person_no = m.person_no
    LEFT JOIN open_period AS o
        ON o.window_no = m.window_no AND o.person_no = m.person_no
        AND o.period_start <= m.onset_date AND o.period_end >= m.onset_date
    LEFT JOIN clean_window AS w
        ON w.count_no = m.count_no AND w.person_no = m.person_no AND m.counting = 'recurrent'
        AND w.window_start <= m.onset_date AND w.window_end >= m.onset_date
)
SELECT
    j.count_no,
    p.person_id,
    j.onset_date,
    j.end_date,
    j.rule
FROM judged AS j
JOIN person_in_study AS p ON p.person_no = j.person_no
