-- Purpose: Persons, events and days in every cell of every margin asked for, with the sums a person-robust variance needs:
--     all persons' windows, less those of touched persons, plus what touched persons really contribute.
-- Reads: person_total, touched_person, count_rule, analysis_rule, margin_rule, age_band
-- Writes: incidence_count
-- Grain: one row an analysis, count, stratum and level; overall is always there
-- Binds: none
-- Days: both ends count; window_days, person_days and first_event_days as in 740
WITH added AS (
    SELECT
        window_no, count_no, by_age, by_calendar, band_no, calendar_year, sex,
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
    GROUP BY window_no, count_no, by_age, by_calendar, band_no, calendar_year, sex
),
touched_window AS (
    SELECT
        t.count_no, p.by_age, p.by_calendar, p.band_no, p.calendar_year, p.sex,
        count(*) AS persons,
        CAST(sum(p.window_days) AS BIGINT) AS window_days,
        CAST(sum(p.window_days * p.window_days) AS BIGINT) AS sum_t2
    FROM touched_person AS t
    JOIN person_total AS p ON p.count_no = 0 AND p.window_no = t.window_no AND p.person_no = t.person_no
    GROUP BY t.count_no, p.by_age, p.by_calendar, p.band_no, p.calendar_year, p.sex
),
part AS (
    SELECT
        c.count_no, d.by_age, d.by_calendar, d.band_no, d.calendar_year, d.sex,
        d.persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events,
        d.window_days, d.person_days, d.first_event_days, 0 AS sum_e2, 0 AS sum_et, d.sum_t2
    FROM added AS d
    JOIN count_rule AS c ON c.window_no = d.window_no
    WHERE d.count_no = 0
    UNION ALL
    SELECT
        count_no, by_age, by_calendar, band_no, calendar_year, sex,
        -persons AS persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events,
        -window_days AS window_days, -window_days AS person_days, -window_days AS first_event_days,
        0 AS sum_e2, 0 AS sum_et, -sum_t2 AS sum_t2
    FROM touched_window
    UNION ALL
    SELECT
        count_no, by_age, by_calendar, band_no, calendar_year, sex,
        persons, persons_with_event, first_events, events,
        window_days, person_days, first_event_days, sum_e2, sum_et, sum_t2
    FROM added
    WHERE count_no > 0
),
band AS (
    SELECT DISTINCT band_no, label FROM age_band
    UNION ALL
    SELECT 0 AS band_no, 'outside' AS label
    UNION ALL
    SELECT -1 AS band_no, 'unknown' AS label
),
labelled AS (
    SELECT
        a.analysis, a.count_no, m.stratum,
        concat_ws(
            '*',
            CASE WHEN m.by_age THEN b.label END,
            CASE WHEN m.by_sex THEN d.sex END,
            CASE WHEN m.by_calendar THEN CAST(d.calendar_year AS VARCHAR) END
        ) AS level,
        d.persons, d.persons_with_event, d.first_events, d.events, d.window_days, d.person_days, d.first_event_days,
        d.sum_e2, d.sum_et, d.sum_t2
    FROM part AS d
    JOIN analysis_rule AS a ON a.count_no = d.count_no
    JOIN margin_rule AS m ON m.analysis = a.analysis AND m.by_age = d.by_age AND m.by_calendar = d.by_calendar
    LEFT JOIN band AS b ON b.band_no = d.band_no
    UNION ALL
    SELECT
        a.analysis, a.count_no, 'overall' AS stratum, '' AS level, 0 AS persons, 0 AS persons_with_event,
        0 AS first_events, 0 AS events, 0 AS window_days, 0 AS person_days, 0 AS first_event_days,
        0 AS sum_e2, 0 AS sum_et, 0 AS sum_t2
    FROM analysis_rule AS a
)
SELECT
    analysis, count_no, stratum, level,
    CAST(sum(persons) AS BIGINT) AS persons,
    CAST(sum(persons_with_event) AS BIGINT) AS persons_with_event,
    CAST(sum(first_events) AS BIGINT) AS first_events,
    CAST(sum(events) AS BIGINT) AS events,
    CAST(sum(window_days) AS BIGINT) AS window_days,
    CAST(sum(person_days) AS BIGINT) AS person_days,
    CAST(sum(first_event_days) AS BIGINT) AS first_event_days,
    CAST(sum(sum_e2) AS BIGINT) AS sum_e2,
    CAST(sum(sum_et) AS BIGINT) AS sum_et,
    CAST(sum(sum_t2) AS BIGINT) AS sum_t2
FROM labelled
GROUP BY analysis, count_no, stratum, level
HAVING stratum = 'overall' OR sum(window_days) > 0
