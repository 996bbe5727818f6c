-- Purpose: Persons of a cohort left in an analysis: with time at risk, without a prior event, with a day at risk.
-- Reads: person_at_risk, person_total, analysis_rule, count_rule, cohort_entry
-- Writes: analysis_attrition
-- Grain: one row an analysis, count and step
-- Binds: none
-- Days: none counted
WITH at_risk AS (
    SELECT count_no, person_no
    FROM person_total
    WHERE NOT by_age AND NOT by_calendar AND person_days > 0
),
person_step AS (
    SELECT count_no, 1 AS position, 'window' AS step, person_no FROM person_at_risk
    UNION ALL
    SELECT count_no, 2 AS position, 'prior_event' AS step, person_no FROM person_at_risk WHERE NOT has_prior_event
    UNION ALL
    SELECT count_no, 3 AS position, 'prior_event_after_entry' AS step, person_no
    FROM person_at_risk
    WHERE has_prior_event_after_entry
    UNION ALL
    SELECT count_no, 4 AS position, 'at_risk' AS step, person_no FROM at_risk
),
step AS (
    SELECT a.analysis, a.count_no, 1 AS position, 'window' AS step FROM analysis_rule AS a
    UNION ALL
    SELECT a.analysis, a.count_no, 2 AS position, 'prior_event' AS step FROM analysis_rule AS a
    UNION ALL
    SELECT a.analysis, a.count_no, 3 AS position, 'prior_event_after_entry' AS step FROM analysis_rule AS a
    UNION ALL
    SELECT a.analysis, a.count_no, 4 AS position, 'at_risk' AS step FROM analysis_rule AS a
),
counted AS (
    SELECT s.analysis, s.count_no, s.position, s.step, count(p.person_no) AS persons
    FROM step AS s
    LEFT JOIN person_step AS p ON p.count_no = s.count_no AND p.position = s.position
    GROUP BY s.analysis, s.count_no, s.position, s.step
),
entered AS (
    SELECT r.count_no, count(n.person_no) AS persons
    FROM count_rule AS r
    LEFT JOIN cohort_entry AS n ON n.cohort = r.cohort
    GROUP BY r.count_no
),
compared AS (
    SELECT
        analysis, count_no, position, step, persons,
        lag(persons, 1) OVER (PARTITION BY analysis, count_no ORDER BY position) AS one_before,
        lag(persons, 2) OVER (PARTITION BY analysis, count_no ORDER BY position) AS two_before
    FROM counted
)
SELECT
    c.analysis, c.count_no, c.position, c.step, c.persons,
    CASE c.step
        WHEN 'window' THEN e.persons - c.persons
        WHEN 'prior_event' THEN c.one_before - c.persons
        WHEN 'at_risk' THEN c.two_before - c.persons
        ELSE 0
    END AS excluded
FROM compared AS c
JOIN entered AS e ON e.count_no = c.count_no
