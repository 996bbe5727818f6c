-- Purpose: Persons, events and days in every cell of every margin asked for, with the sums a person-robust variance needs.
-- Reads: cell_part, cell, analysis_rule, margin_rule, age_band, since_band, calendar_interval, level
-- Writes: incidence_count
-- Grain: one row an analysis, count, stratum and level; overall is always there
-- Binds: none
-- Days: both ends count; window_days, person_days and first_event_days as in 742
WITH band AS (
    SELECT DISTINCT band_no, label FROM age_band
    UNION ALL
    SELECT 0 AS band_no, 'outside' AS label
    UNION ALL
    SELECT -1 AS band_no, 'unknown' AS label
),
calendar AS (
    SELECT interval_no, label FROM calendar_interval
    UNION ALL
    SELECT 0 AS interval_no, 'incomplete' AS label
),
labelled AS (
    SELECT
        a.analysis, a.shown_count_no AS count_no, m.stratum,
        concat_ws(
            '*',
            CASE WHEN m.by_age THEN b.label END,
            CASE WHEN m.by_sex THEN l.sex END,
            CASE WHEN m.by_calendar THEN y.label END,
            CASE WHEN m.by_since THEN i.label END,
            CASE WHEN m.by_exposure_duration THEN l.exposure_duration END,
            CASE WHEN m.by_cumulative_doses THEN l.cumulative_doses END,
            CASE WHEN m.by_country THEN l.country END,
            CASE WHEN m.by_centre THEN l.centre END,
            CASE WHEN m.by_course THEN l.course END,
            CASE WHEN m.by_edss THEN l.edss END,
            CASE WHEN m.by_relapses_12_months THEN l.relapses_12_months END,
            CASE WHEN m.by_prior_substances THEN l.prior_substances END,
            CASE WHEN m.by_entry_year THEN l.entry_year END,
            CASE WHEN m.by_line_of_treatment THEN l.line_of_treatment END
        ) AS level,
        d.persons, d.persons_with_event, d.first_events, d.events, d.window_days, d.person_days, d.first_event_days,
        d.sum_e2, d.sum_et, d.sum_t2, d.sum_fw, d.sum_w2
    FROM cell_part AS d
    JOIN cell AS c ON c.cell_no = d.cell_no
    JOIN analysis_rule AS a ON a.count_no = d.count_no
    JOIN margin_rule AS m
        ON m.analysis = a.analysis AND m.by_age = c.by_age AND m.by_calendar = c.by_calendar AND m.by_since = c.by_since
        AND m.by_exposure_duration = a.by_exposure_duration AND m.by_cumulative_doses = a.by_cumulative_doses
    JOIN level AS l ON l.level_no = d.level_no
    LEFT JOIN band AS b ON b.band_no = c.band_no
    LEFT JOIN since_band AS i ON i.since_no = c.since_no
    LEFT JOIN calendar AS y ON y.interval_no = c.interval_no
    UNION ALL
    SELECT
        a.analysis, a.count_no, 'overall' AS stratum, '' AS level, 0 AS persons, 0 AS persons_with_event,
        0 AS first_events, 0 AS events, 0 AS window_days, 0 AS person_days, 0 AS first_event_days,
        0 AS sum_e2, 0 AS sum_et, 0 AS sum_t2, 0 AS sum_fw, 0 AS sum_w2
    FROM analysis_rule AS a
    WHERE a.count_no = a.shown_count_no
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
    CAST(sum(sum_t2) AS BIGINT) AS sum_t2,
    CAST(sum(sum_fw) AS BIGINT) AS sum_fw,
    CAST(sum(sum_w2) AS BIGINT) AS sum_w2
FROM labelled AS l
GROUP BY analysis, count_no, stratum, level
HAVING l.stratum = 'overall' OR sum(l.window_days) > 0
