-- Purpose: Rows and values present by calendar year: visits, relapses, scans, pregnancies and laboratory results.
--   What need not have happened (a stop, an end, a death, its cause) is not among the columns.
-- Reads: mapped_visit, mapped_relapse, mapped_mri, mapped_pregnancy, mapped_laboratory
-- Writes: visit_completeness
-- Grain: one row a column and calendar year (none: rows without a date)
-- Binds: none
-- Days: the year is that of the row's own date (of a person: entry; of a disease: diagnosis); none counted
WITH visit_year AS (
    SELECT
        year(m.visit_date) AS calendar_year, count(*) AS tested,
        count(m.visit_date) AS visit_date, count(m.edss) AS edss, count(m.in_relapse) AS in_relapse,
        count(m.timed_25_foot_walk_s) AS timed_25_foot_walk_s, count(m.nine_hole_peg_s) AS nine_hole_peg_s,
        count(m.sdmt) AS sdmt
    FROM mapped_visit AS m
    GROUP BY year(m.visit_date)
),
relapse_year AS (
    SELECT
        year(m.onset_date) AS calendar_year, count(*) AS tested,
        count(m.onset_date) AS onset_date, count(m.severity) AS severity, count(m.recovery) AS recovery,
        count(m.steroids) AS steroids, count(m.hospitalised) AS hospitalised
    FROM mapped_relapse AS m
    GROUP BY year(m.onset_date)
),
mri_year AS (
    SELECT
        year(m.mri_date) AS calendar_year, count(*) AS tested,
        count(m.mri_date) AS mri_date, count(m.region) AS region, count(m.new_or_enlarging_t2) AS new_or_enlarging_t2,
        count(m.gd_lesions) AS gd_lesions
    FROM mapped_mri AS m
    GROUP BY year(m.mri_date)
),
pregnancy_year AS (
    SELECT
        year(m.lmp_date) AS calendar_year, count(*) AS tested,
        count(m.lmp_date) AS lmp_date, count(m.outcome) AS outcome, count(m.gestational_weeks) AS gestational_weeks,
        count(m.birth_weight_g) AS birth_weight_g, count(m.congenital_anomaly) AS congenital_anomaly
    FROM mapped_pregnancy AS m
    GROUP BY year(m.lmp_date)
),
laboratory_year AS (
    SELECT
        year(m.date) AS calendar_year, count(*) AS tested,
        count(m.test) AS test, count(m.date) AS date, count(m.value) AS value, count(m.unit) AS unit
    FROM mapped_laboratory AS m
    GROUP BY year(m.date)
)
SELECT 'visit' AS table_name, column_name, calendar_year, tested, present
FROM visit_year UNPIVOT (present FOR column_name IN (
    visit_date, edss, in_relapse, timed_25_foot_walk_s, nine_hole_peg_s, sdmt
))
UNION ALL
SELECT 'relapse' AS table_name, column_name, calendar_year, tested, present
FROM relapse_year UNPIVOT (present FOR column_name IN (onset_date, severity, recovery, steroids, hospitalised))
UNION ALL
SELECT 'mri' AS table_name, column_name, calendar_year, tested, present
FROM mri_year UNPIVOT (present FOR column_name IN (mri_date, region, new_or_enlarging_t2, gd_lesions))
UNION ALL
SELECT 'pregnancy' AS table_name, column_name, calendar_year, tested, present
FROM pregnancy_year UNPIVOT (present FOR column_name IN (
    lmp_date, outcome, gestational_weeks, birth_weight_g, congenital_anomaly
))
UNION ALL
SELECT 'laboratory' AS table_name, column_name, calendar_year, tested, present
FROM laboratory_year UNPIVOT (present FOR column_name IN (test, date, value, unit))
