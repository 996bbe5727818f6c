-- Purpose: Rows and values present by calendar year: persons, their observation, disease and treatment.
--   What need not have happened (a stop, an end, a death, its cause) is not among the columns.
-- Reads: mapped_person, mapped_observation_period, mapped_disease, mapped_course, mapped_treatment,
--   mapped_administration
-- Writes: person_completeness
-- Grain: one row a column and calendar year (none: rows without a date)
-- Binds: none
-- Days: the year is that of the row's own date (of a person: entry; of a disease: diagnosis); none counted
WITH person_year AS (
    SELECT
        year(m.registry_entry_date) AS calendar_year, count(*) AS tested,
        count(m.birth_date) AS birth_date, count(m.sex) AS sex, count(m.country) AS country,
        count(m.centre_id) AS centre_id, count(m.registry_entry_date) AS registry_entry_date,
        count(m.last_contact_date) AS last_contact_date, count(m.smoking) AS smoking, count(m.education) AS education
    FROM mapped_person AS m
    WHERE coalesce(m.consent, '') <> 'no'
    GROUP BY year(m.registry_entry_date)
),
observation_period_year AS (
    SELECT
        year(m.start_date) AS calendar_year, count(*) AS tested,
        count(m.start_date) AS start_date
    FROM mapped_observation_period AS m
    GROUP BY year(m.start_date)
),
disease_year AS (
    SELECT
        year(m.diagnosis_date) AS calendar_year, count(*) AS tested,
        count(m.onset_date) AS onset_date, count(m.diagnosis_date) AS diagnosis_date,
        count(m.diagnostic_criteria) AS diagnostic_criteria, count(m.course_at_onset) AS course_at_onset
    FROM mapped_disease AS m
    GROUP BY year(m.diagnosis_date)
),
course_year AS (
    SELECT
        year(m.start_date) AS calendar_year, count(*) AS tested,
        count(m.start_date) AS start_date, count(m.course) AS course
    FROM mapped_course AS m
    GROUP BY year(m.start_date)
),
treatment_year AS (
    SELECT
        year(m.start_date) AS calendar_year, count(*) AS tested,
        count(m.substance) AS substance, count(m.atc) AS atc, count(m.product) AS product,
        count(m.start_date) AS start_date, count(m.dose) AS dose, count(m.dose_unit) AS dose_unit
    FROM mapped_treatment AS m
    GROUP BY year(m.start_date)
),
administration_year AS (
    SELECT
        year(m.date) AS calendar_year, count(*) AS tested,
        count(m.substance) AS substance, count(m.date) AS date, count(m.dose) AS dose, count(m.dose_unit) AS dose_unit
    FROM mapped_administration AS m
    GROUP BY year(m.date)
)
SELECT 'person' AS table_name, column_name, calendar_year, tested, present
FROM person_year UNPIVOT (present FOR column_name IN (
    birth_date, sex, country, centre_id, registry_entry_date, last_contact_date, smoking, education
))
UNION ALL
SELECT 'observation_period' AS table_name, column_name, calendar_year, tested, present
FROM observation_period_year UNPIVOT (present FOR column_name IN (start_date))
UNION ALL
SELECT 'disease' AS table_name, column_name, calendar_year, tested, present
FROM disease_year UNPIVOT (present FOR column_name IN (
    onset_date, diagnosis_date, diagnostic_criteria, course_at_onset
))
UNION ALL
SELECT 'course' AS table_name, column_name, calendar_year, tested, present
FROM course_year UNPIVOT (present FOR column_name IN (start_date, course))
UNION ALL
SELECT 'treatment' AS table_name, column_name, calendar_year, tested, present
FROM treatment_year UNPIVOT (present FOR column_name IN (substance, atc, product, start_date, dose, dose_unit))
UNION ALL
SELECT 'administration' AS table_name, column_name, calendar_year, tested, present
FROM administration_year UNPIVOT (present FOR column_name IN (substance, date, dose, dose_unit))
