-- Purpose: Windows of one cohort and time at risk, inside follow-up, united: a day counts at most once. Time since start
--     runs from the origin the protocol names.
-- Reads: exposure_window, follow_up, window_rule, entry_level, exposure_era, study_rule
-- Writes: united_period
-- Grain: one row a kind of window, person and unbroken period; has_earlier, has_later: of others of the person
-- Binds: none
-- Days: both ends count; periods that overlap or touch are one
WITH seen AS (
    SELECT
        w.window_no,
        x.person_no,
        x.anchor_date,
        greatest(x.window_start, f.follow_up_start) AS period_start,
        least(x.window_end, f.follow_up_end) AS period_end
    FROM window_rule AS w
    JOIN exposure_window AS x ON x.time_at_risk = w.time_at_risk AND x.cohort = w.cohort
    JOIN follow_up AS f
        ON f.window_no = w.window_no AND f.person_no = x.person_no
        AND f.follow_up_start <= x.window_end AND f.follow_up_end >= x.window_start
),
ordered AS (
    SELECT
        window_no,
        person_no,
        anchor_date,
        period_start,
        period_end,
        max(period_end) OVER (
            PARTITION BY window_no, person_no ORDER BY period_start, period_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until,
        max(period_start) OVER (PARTITION BY window_no, person_no) AS last_start
    FROM seen
),
numbered AS (
    SELECT
        window_no,
        person_no,
        anchor_date,
        period_start,
        period_end,
        last_start,
        sum(CASE WHEN period_start <= covered_until + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY window_no, person_no ORDER BY period_start, period_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS period_no
    FROM ordered
),
united AS (
    SELECT
        window_no,
        person_no,
        min(anchor_date) AS anchor_date,
        min(period_start) AS period_start,
        max(period_end) AS period_end,
        period_no > 1 AS has_earlier,
        max(last_start) > max(period_end) AS has_later
    FROM numbered
    GROUP BY window_no, person_no, period_no
)
SELECT
    u.window_no,
    u.person_no,
    u.period_start,
    u.period_end,
    u.has_earlier,
    u.has_later,
    n.level_no,
    CASE s.since_origin
        WHEN 'entry' THEN n.entry_date WHEN 'first_era' THEN e.era_start ELSE u.anchor_date
    END AS origin_date
FROM united AS u
JOIN window_rule AS w ON w.window_no = u.window_no
JOIN entry_level AS n ON n.cohort = w.cohort AND n.person_no = u.person_no
JOIN exposure_era AS e ON e.exposure = w.cohort AND e.person_no = u.person_no AND e.era_no = 1
CROSS JOIN study_rule AS s
