-- Purpose: Indicators of follow-up: visits, EDSS, and reports of adverse events over the time observed.
-- Reads: visit, report_dated, treatment, mapped_administration, observed_span, person, asked_substance, registry_rule
-- Writes: visit_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: both ends of time under observation count; the last 730 days are those of a person's last time observed
WITH seen AS (
    SELECT DISTINCT v.person_id, v.visit_date
    FROM visit AS v
    JOIN observed_span AS s
        ON s.person_id = v.person_id AND v.visit_date >= s.start_date AND v.visit_date <= s.end_date
),
observed AS (
    SELECT
        CAST(coalesce(sum(date_diff('day', s.start_date, s.end_date) + 1), 0) AS BIGINT) AS all_days,
        CAST(coalesce(sum(
            CASE WHEN s.end_date >= r.adverse_event_start
                THEN date_diff('day', greatest(s.start_date, r.adverse_event_start), s.end_date) + 1 END
        ), 0) AS BIGINT) AS collected_days
    FROM observed_span AS s
    CROSS JOIN registry_rule AS r
),
reported AS (
    SELECT count(*) AS reports
    FROM report_dated AS d
    CROSS JOIN registry_rule AS r
    JOIN observed_span AS s
        ON s.person_id = d.person_id AND d.onset_date >= s.start_date AND d.onset_date <= s.end_date
    WHERE d.onset_date >= r.adverse_event_start
),
visited AS (
    SELECT count(*) AS visits FROM seen
),
scored AS (
    SELECT count(*) AS visits, count(edss) AS scores FROM visit
),
last_span AS (
    SELECT person_id, max(start_date) AS start_date, max(end_date) AS end_date
    FROM observed_span
    GROUP BY person_id
),
due AS (
    SELECT person_id, end_date
    FROM last_span
    WHERE date_diff('day', start_date, end_date) + 1 >= 730
),
score_day AS (
    SELECT d.person_id, count(DISTINCT v.visit_date) AS day_count
    FROM due AS d
    JOIN visit AS v ON v.person_id = d.person_id
    WHERE v.edss IS NOT NULL AND v.visit_date > d.end_date - 730 AND v.visit_date <= d.end_date
    GROUP BY d.person_id
),
twice AS (
    SELECT count(*) AS persons, count(CASE WHEN y.day_count >= 2 THEN 1 END) AS scored_twice
    FROM due AS d
    LEFT JOIN score_day AS y ON y.person_id = d.person_id
),
given AS (
    SELECT t.person_id, t.substance, t.start_date FROM treatment AS t
    UNION ALL
    SELECT m.person_id, m.substance, m.date AS start_date FROM mapped_administration AS m
    JOIN person AS p ON p.person_id = m.person_id
),
first_start AS (
    SELECT g.person_id, g.substance, min(g.start_date) AS start_date
    FROM given AS g
    JOIN asked_substance AS a ON a.substance = g.substance
    WHERE g.start_date IS NOT NULL
    GROUP BY g.person_id, g.substance
),
baseline AS (
    SELECT f.person_id, f.substance, count(v.edss) AS scores
    FROM first_start AS f
    LEFT JOIN visit AS v
        ON v.person_id = f.person_id AND v.visit_date >= f.start_date - 365 AND v.visit_date <= f.start_date
    GROUP BY f.person_id, f.substance
)
SELECT 'visits_per_year' AS indicator, v.visits AS numerator, o.all_days AS denominator
FROM visited AS v CROSS JOIN observed AS o
UNION ALL
SELECT 'event_reports_per_100_years' AS indicator, e.reports AS numerator, o.collected_days AS denominator
FROM reported AS e CROSS JOIN observed AS o
UNION ALL
SELECT 'edss_known' AS indicator, scores AS numerator, visits AS denominator FROM scored
UNION ALL
SELECT 'edss_twice_in_two_years' AS indicator, scored_twice AS numerator, persons AS denominator FROM twice
UNION ALL
SELECT 'edss_before_study_start' AS indicator, count(CASE WHEN scores > 0 THEN 1 END) AS numerator,
    count(*) AS denominator
FROM baseline
