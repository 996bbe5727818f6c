-- Purpose: Days that a person contributes to a count, as periods: for worked cases and a registry's own look at its cases.
--     Stays at the registry: it names persons.
-- Reads: time_segment, open_period, count_rule, touched_person, person_in_study
-- Writes: case_period
-- Grain: one row a count, person and period
-- Binds: none
-- Days: both ends count; periods of a person share no day within a count
SELECT
    s.count_no,
    p.person_id,
    s.segment_start AS period_start,
    s.segment_end AS period_end
FROM time_segment AS s
JOIN person_in_study AS p ON p.person_no = s.person_no
JOIN count_rule AS c ON c.count_no = s.count_no AND c.window_no = s.window_no
WHERE s.is_at_risk
UNION ALL
SELECT
    c.count_no,
    p.person_id,
    o.period_start,
    o.period_end
FROM open_period AS o
JOIN person_in_study AS p ON p.person_no = o.person_no
JOIN count_rule AS c ON c.window_no = o.window_no
LEFT JOIN touched_person AS t ON t.count_no = c.count_no AND t.person_no = o.person_no
WHERE t.person_no IS NULL
