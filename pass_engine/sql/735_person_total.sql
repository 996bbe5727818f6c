-- Purpose: One person's days and events in each cell of the time-varying strata a margin splits by: persons are counted
--     afresh at every margin, since one person has days in several cells.
-- Reads: person_cell, person_in_study, count_rule, analysis_rule, margin_rule
-- Writes: person_total
-- Grain: one row a window (count 0) or count, way of splitting (by age or not, by calendar or not), cell and person
-- Binds: none
-- Days: both ends count; as in 730
WITH way AS (
    SELECT DISTINCT c.window_no, m.by_age, m.by_calendar
    FROM count_rule AS c
    JOIN analysis_rule AS a ON a.count_no = c.count_no
    JOIN margin_rule AS m ON m.analysis = a.analysis
),
placed AS (
    SELECT
        c.window_no,
        c.count_no,
        w.by_age,
        w.by_calendar,
        CASE WHEN w.by_age THEN c.band_no END AS band_no,
        CASE WHEN w.by_calendar THEN c.calendar_year END AS calendar_year,
        c.person_no, c.window_days, c.person_days, c.first_event_days, c.first_events, c.events
    FROM person_cell AS c
    JOIN way AS w ON w.window_no = c.window_no
),
summed AS (
    SELECT
        window_no, count_no, by_age, by_calendar, band_no, calendar_year, person_no,
        CAST(sum(window_days) AS BIGINT) AS window_days,
        CAST(sum(person_days) AS BIGINT) AS person_days,
        CAST(sum(first_event_days) AS BIGINT) AS first_event_days,
        CAST(sum(first_events) AS BIGINT) AS first_events,
        CAST(sum(events) AS BIGINT) AS events
    FROM placed
    GROUP BY window_no, count_no, by_age, by_calendar, band_no, calendar_year, person_no
)
SELECT
    s.window_no, s.count_no, s.by_age, s.by_calendar, s.band_no, s.calendar_year, s.person_no, p.sex,
    s.window_days, s.person_days, s.first_event_days, s.first_events, s.events
FROM summed AS s
JOIN person_in_study AS p ON p.person_no = s.person_no
