-- Purpose: Persons, events and days in every cell of every margin asked for, with the sums a person-robust variance needs:
--     all persons' windows, less those of touched persons, plus what touched persons really contribute.
-- Reads: person_total, touched_person, count_rule, window_rule, analysis_rule, margin_rule, age_band, since_band,
--     entry_level, study_rule, registry_rule
-- Writes: incidence_count
-- Grain: one row an analysis, count, stratum and level; overall is always there
-- Binds: none
-- Days: both ends count; window_days, person_days and first_event_days as in 740
WITH added AS (
    SELECT
        window_no, count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
        count(CASE WHEN person_days > 0 THEN 1 END) AS persons,
        count(CASE WHEN events > 0 THEN 1 END) AS persons_with_event,
        sum(first_events) AS first_events,
        sum(events) AS events,
        sum(window_days) AS window_days,
        sum(person_days) AS person_days,
        sum(first_event_days) AS first_event_days,
        sum(events * events) AS sum_e2,
        sum(events * person_days) AS sum_et,
        sum(person_days * person_days) AS sum_t2,
        sum(first_events * window_days) AS sum_fw,
        sum(window_days * window_days) AS sum_w2
    FROM person_total
    GROUP BY window_no, count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no
),
touched_window AS (
    SELECT
        t.count_no, p.by_age, p.by_calendar, p.by_since, p.band_no, p.since_no, p.interval_no, p.level_no,
        count(*) AS persons,
        sum(p.window_days) AS window_days,
        sum(p.window_days * p.window_days) AS sum_w2
    FROM touched_person AS t
    JOIN person_total AS p ON p.count_no = 0 AND p.window_no = t.window_no AND p.person_no = t.person_no
    GROUP BY t.count_no, p.by_age, p.by_calendar, p.by_since, p.band_no, p.since_no, p.interval_no, p.level_no
),
part AS (
    SELECT
        c.count_no, d.by_age, d.by_calendar, d.by_since, d.band_no, d.since_no, d.interval_no, d.level_no,
        d.persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, d.window_days, d.person_days,
        d.first_event_days, 0 AS sum_e2, 0 AS sum_et, d.sum_t2, 0 AS sum_fw, d.sum_w2
    FROM added AS d
    JOIN count_rule AS c ON c.window_no = d.window_no
    WHERE d.count_no = 0
    UNION ALL
    SELECT
        count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
        -persons AS persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, -window_days AS window_days,
        -window_days AS person_days, -window_days AS first_event_days, 0 AS sum_e2, 0 AS sum_et, -sum_w2 AS sum_t2,
        0 AS sum_fw, -sum_w2 AS sum_w2
    FROM touched_window
    UNION ALL
    SELECT
        count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
        persons, persons_with_event, first_events, events, window_days, person_days, first_event_days,
        sum_e2, sum_et, sum_t2, sum_fw, sum_w2
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
since AS (
    SELECT since_no, label FROM since_band
),
level_of AS (
    SELECT DISTINCT level_no, sex, country, centre, course, edss, relapses_12_months, prior_substances, entry_year
    FROM entry_level
),
placed AS (
    SELECT
        d.count_no, d.by_age, d.by_calendar, d.by_since, d.band_no, d.since_no, d.interval_no, d.level_no,
        d.persons, d.persons_with_event, d.first_events, d.events, d.window_days, d.person_days, d.first_event_days,
        d.sum_e2, d.sum_et, d.sum_t2, d.sum_fw, d.sum_w2,
        s.months_per_interval AS months,
        s.complete_intervals AND (
            make_date(
                CAST(floor(d.interval_no * s.months_per_interval / 12) AS INTEGER),
                CAST(d.interval_no * s.months_per_interval % 12 + 1 AS INTEGER), 1)
            < greatest(s.period_start, CASE w.source WHEN 'death' THEN r.death_start ELSE r.adverse_event_start END)
            OR make_date(
                CAST(floor((d.interval_no + 1) * s.months_per_interval / 12) AS INTEGER),
                CAST((d.interval_no + 1) * s.months_per_interval % 12 + 1 AS INTEGER), 1) - 1 > r.data_cut_date
        ) AS is_incomplete
    FROM part AS d
    JOIN count_rule AS c ON c.count_no = d.count_no
    JOIN window_rule AS w ON w.window_no = c.window_no
    CROSS JOIN study_rule AS s
    CROSS JOIN registry_rule AS r
),
labelled AS (
    SELECT
        a.analysis, a.count_no, m.stratum,
        concat_ws(
            '*',
            CASE WHEN m.by_age THEN b.label END,
            CASE WHEN m.by_sex THEN l.sex END,
            CASE WHEN m.by_calendar THEN
                CASE
                    WHEN d.is_incomplete THEN 'incomplete'
                    WHEN d.months = 12 THEN CAST(d.interval_no AS VARCHAR)
                    WHEN d.months = 3 THEN concat(
                        CAST(CAST(floor(d.interval_no / 4) AS INTEGER) AS VARCHAR), '-Q', CAST(d.interval_no % 4 + 1 AS VARCHAR))
                    ELSE concat(
                        CAST(CAST(floor(d.interval_no / 12) AS INTEGER) AS VARCHAR), '-',
                        lpad(CAST(d.interval_no % 12 + 1 AS VARCHAR), 2, '0'))
                END
            END,
            CASE WHEN m.by_since THEN i.label END,
            CASE WHEN m.by_country THEN l.country END,
            CASE WHEN m.by_centre THEN l.centre END,
            CASE WHEN m.by_course THEN l.course END,
            CASE WHEN m.by_edss THEN l.edss END,
            CASE WHEN m.by_relapses_12_months THEN l.relapses_12_months END,
            CASE WHEN m.by_prior_substances THEN l.prior_substances END,
            CASE WHEN m.by_entry_year THEN l.entry_year END
        ) AS level,
        d.persons, d.persons_with_event, d.first_events, d.events, d.window_days, d.person_days, d.first_event_days,
        d.sum_e2, d.sum_et, d.sum_t2, d.sum_fw, d.sum_w2
    FROM placed AS d
    JOIN analysis_rule AS a ON a.count_no = d.count_no
    JOIN margin_rule AS m
        ON m.analysis = a.analysis AND m.by_age = d.by_age AND m.by_calendar = d.by_calendar AND m.by_since = d.by_since
    JOIN level_of AS l ON l.level_no = d.level_no
    LEFT JOIN band AS b ON b.band_no = d.band_no
    LEFT JOIN since AS i ON i.since_no = d.since_no
    UNION ALL
    SELECT
        a.analysis, a.count_no, 'overall' AS stratum, '' AS level, 0 AS persons, 0 AS persons_with_event,
        0 AS first_events, 0 AS events, 0 AS window_days, 0 AS person_days, 0 AS first_event_days,
        0 AS sum_e2, 0 AS sum_et, 0 AS sum_t2, 0 AS sum_fw, 0 AS sum_w2
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
    CAST(sum(sum_t2) AS BIGINT) AS sum_t2,
    CAST(sum(sum_fw) AS BIGINT) AS sum_fw,
    CAST(sum(sum_w2) AS BIGINT) AS sum_w2
FROM labelled
GROUP BY analysis, count_no, stratum, level
HAVING stratum = 'overall' OR sum(window_days) > 0
