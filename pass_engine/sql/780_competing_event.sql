-- Purpose: The first event that competes with the outcome of a life table: death, and outcomes that the protocol names.
-- Reads: curve_rule, competing_outcome, count_rule, outcome_event, person_in_study, open_period
-- Writes: competing_event
-- Grain: one row an analysis, count and person
-- Binds: none
-- Days: an event competes on a day at risk only
WITH candidate AS (
    SELECT r.analysis, r.count_no, c.window_no, e.person_no, e.onset_date AS competing_date
    FROM curve_rule AS r
    JOIN count_rule AS c ON c.count_no = r.count_no
    JOIN competing_outcome AS o ON o.analysis = r.analysis
    JOIN outcome_event AS e ON e.outcome = o.outcome
    UNION ALL
    SELECT r.analysis, r.count_no, c.window_no, p.person_no, p.death_date AS competing_date
    FROM curve_rule AS r
    JOIN count_rule AS c ON c.count_no = r.count_no
    CROSS JOIN person_in_study AS p
    WHERE p.death_date IS NOT NULL
)
SELECT
    a.analysis,
    a.count_no,
    a.person_no,
    min(a.competing_date) AS competing_date
FROM candidate AS a
JOIN open_period AS p
    ON p.window_no = a.window_no AND p.person_no = a.person_no
    AND p.period_start <= a.competing_date AND p.period_end >= a.competing_date
GROUP BY a.analysis, a.count_no, a.person_no
