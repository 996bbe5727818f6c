-- Purpose: Persons, events and days in every cell of every margin asked for, with the sums a person-robust variance needs.
-- Reads: person_cell, person_in_study, analysis_rule, margin_rule, age_band
-- Writes: incidence_count
-- Grain: one row an analysis, count, stratum and level; overall is always there
-- Binds: none
-- Days: both ends count; window_days, person_days and first_event_days as in 730
WITH labelled AS (
    SELECT
        a.analysis,
        c.count_no,
        m.stratum,
        concat_ws(
            '*',
            CASE WHEN m.by_age THEN coalesce(b.label, 'unknown') END,
            CASE WHEN m.by_sex THEN p.sex END,
            CASE WHEN m.by_calendar THEN CAST(c.calendar_year AS VARCHAR) END
        ) AS level,
        c.person_id, c.window_days, c.person_days, c.first_event_days, c.first_events, c.events
    FROM person_cell AS c
    JOIN person_in_study AS p ON p.person_id = c.person_id
    JOIN analysis_rule AS a ON a.count_no = c.count_no
    JOIN margin_rule AS m ON m.analysis = a.analysis
    LEFT JOIN age_band AS b ON c.age >= b.age_from AND c.age < b.age_to
),
person_total AS (
    SELECT
        analysis, count_no, stratum, level, person_id,
        sum(window_days) AS window_days,
        sum(person_days) AS person_days,
        sum(first_event_days) AS first_event_days,
        sum(first_events) AS first_events,
        sum(events) AS events
    FROM labelled
    GROUP BY analysis, count_no, stratum, level, person_id
),
cell AS (
    SELECT
        analysis, count_no, stratum, level,
        count(CASE WHEN person_days > 0 THEN 1 END) AS persons,
        count(CASE WHEN events > 0 THEN 1 END) AS persons_with_event,
        CAST(sum(first_events) AS BIGINT) AS first_events,
        CAST(sum(events) AS BIGINT) AS events,
        CAST(sum(window_days) AS BIGINT) AS window_days,
        CAST(sum(person_days) AS BIGINT) AS person_days,
        CAST(sum(first_event_days) AS BIGINT) AS first_event_days,
        CAST(sum(events * events) AS BIGINT) AS sum_e2,
        CAST(sum(events * person_days) AS BIGINT) AS sum_et,
        CAST(sum(person_days * person_days) AS BIGINT) AS sum_t2
    FROM person_total
    GROUP BY analysis, count_no, stratum, level
)
SELECT
    analysis, count_no, stratum, level, persons, persons_with_event, first_events, events,
    window_days, person_days, first_event_days, sum_e2, sum_et, sum_t2
FROM cell
UNION ALL
SELECT
    a.analysis, a.count_no, 'overall' AS stratum, '' AS level, 0 AS persons, 0 AS persons_with_event,
    0 AS first_events, 0 AS events, 0 AS window_days, 0 AS person_days, 0 AS first_event_days,
    0 AS sum_e2, 0 AS sum_et, 0 AS sum_t2
FROM analysis_rule AS a
LEFT JOIN cell AS c ON c.analysis = a.analysis AND c.count_no = a.count_no AND c.stratum = 'overall'
WHERE c.analysis IS NULL
