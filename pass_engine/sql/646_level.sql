-- Purpose: Levels as margins print them: values at entry, and bands of exposure duration and doses with them.
-- Reads: entry_level, dated_period, dated_rule
-- Writes: level
-- Grain: one row a level
-- Binds: none
-- Days: none counted
WITH at_entry AS (
    SELECT DISTINCT
        level_no, sex, country, centre, course, edss, relapses_12_months, prior_substances, entry_year, line_of_treatment
    FROM entry_level
),
dated AS (
    SELECT DISTINCT entry_level_no, duration_no, dose_no
    FROM dated_period
),
last_level AS (
    SELECT max(level_no) AS level_no
    FROM at_entry
),
numbered AS (
    SELECT level_no, level_no AS entry_level_no, -9 AS duration_no, -9 AS dose_no
    FROM at_entry
    UNION ALL
    SELECT
        CAST(m.level_no + row_number() OVER (ORDER BY d.entry_level_no, d.duration_no, d.dose_no) AS INTEGER) AS level_no,
        d.entry_level_no, d.duration_no, d.dose_no
    FROM dated AS d
    CROSS JOIN last_level AS m
)
SELECT
    n.level_no, n.entry_level_no, n.duration_no, n.dose_no,
    e.sex, e.country, e.centre, e.course, e.edss, e.relapses_12_months, e.prior_substances, e.entry_year,
    e.line_of_treatment,
    CASE WHEN n.duration_no = -1 THEN 'unknown' ELSE d.label END AS exposure_duration,
    CASE WHEN n.dose_no = -1 THEN 'unknown' ELSE g.label END AS cumulative_doses
FROM numbered AS n
JOIN at_entry AS e ON e.level_no = n.entry_level_no
LEFT JOIN dated_rule AS d ON d.kind = 'exposure_duration' AND d.band_no = n.duration_no
LEFT JOIN dated_rule AS g ON g.kind = 'cumulative_doses' AND g.band_no = n.dose_no
