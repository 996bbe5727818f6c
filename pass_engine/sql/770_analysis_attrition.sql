-- Purpose: Persons of a cohort left in an analysis: with time at risk, without a prior event, with a day at risk; and of
--     those, the ones with an event of which a filled date does not say whether it was on a day at risk.
-- Reads: cohort_entry, open_period, prior_person, incidence_count, analysis_rule, count_rule, placed_event
-- Writes: analysis_attrition
-- Grain: one row an analysis, count and step
-- Binds: none
-- Days: none counted
WITH entered AS (
    SELECT cohort, count(*) AS persons
    FROM cohort_entry
    GROUP BY cohort
),
windowed AS (
    SELECT window_no, count(DISTINCT person_no) AS persons
    FROM open_period
    GROUP BY window_no
),
left_out AS (
    SELECT count_no, count(*) AS persons, count(CASE WHEN is_after_entry THEN 1 END) AS persons_after_entry
    FROM prior_person
    GROUP BY count_no
),
straddling AS (
    SELECT e.count_no, count(DISTINCT e.person_no) AS persons
    FROM placed_event AS e
    LEFT JOIN prior_person AS b ON b.count_no = e.count_no AND b.person_no = e.person_no
    WHERE e.straddles AND b.person_no IS NULL
    GROUP BY e.count_no
),
counted AS (
    SELECT
        a.analysis,
        a.count_no,
        coalesce(e.persons, 0) AS entered,
        coalesce(w.persons, 0) AS windowed,
        coalesce(l.persons, 0) AS left_out,
        coalesce(l.persons_after_entry, 0) AS left_out_after_entry,
        coalesce(s.persons, 0) AS straddling,
        i.persons AS at_risk
    FROM analysis_rule AS a
    JOIN count_rule AS c ON c.count_no = a.count_no
    JOIN incidence_count AS i ON i.analysis = a.analysis AND i.count_no = a.count_no AND i.stratum = 'overall'
    LEFT JOIN entered AS e ON e.cohort = c.cohort
    LEFT JOIN windowed AS w ON w.window_no = c.window_no
    LEFT JOIN left_out AS l ON l.count_no = a.count_no
    LEFT JOIN straddling AS s ON s.count_no = a.count_no
    WHERE a.count_no = a.shown_count_no
)
SELECT analysis, count_no, 1 AS position, 'window' AS step, windowed AS persons, entered - windowed AS excluded
FROM counted
UNION ALL
SELECT analysis, count_no, 2 AS position, 'prior_event' AS step, windowed - left_out AS persons, left_out AS excluded
FROM counted
UNION ALL
SELECT analysis, count_no, 3 AS position, 'prior_event_after_entry' AS step, left_out_after_entry AS persons,
    0 AS excluded
FROM counted
UNION ALL
SELECT analysis, count_no, 4 AS position, 'at_risk' AS step, at_risk AS persons,
    windowed - left_out - at_risk AS excluded
FROM counted
UNION ALL
SELECT analysis, count_no, 5 AS position, 'filled_date_straddles' AS step, straddling AS persons, 0 AS excluded
FROM counted
