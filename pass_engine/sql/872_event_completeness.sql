-- Purpose: Rows and values present by calendar year: adverse events and other diagnoses and medicines.
--   What need not have happened (a stop, an end, a death, its cause) is not among the columns.
-- Reads: mapped_adverse_event, mapped_comorbidity, mapped_comedication
-- Writes: event_completeness
-- Grain: one row a column and calendar year (none: rows without a date)
-- Binds: none
-- Days: the year is that of the row's own date (of a person: entry; of a disease: diagnosis); none counted
WITH adverse_event_year AS (
    SELECT
        year(m.onset_date) AS calendar_year, count(*) AS tested,
        count(m.verbatim) AS verbatim, count(m.code_system) AS code_system, count(m.code) AS code,
        count(m.onset_date) AS onset_date, count(m.report_date) AS report_date, count(m.entry_date) AS entry_date,
        count(m.serious) AS serious, count(m.ser_death) AS ser_death,
        count(m.ser_life_threatening) AS ser_life_threatening, count(m.ser_hospitalisation) AS ser_hospitalisation,
        count(m.ser_disability) AS ser_disability, count(m.ser_congenital) AS ser_congenital,
        count(m.ser_medically_important) AS ser_medically_important, count(m.severity) AS severity,
        count(m.outcome) AS outcome, count(m.causality) AS causality, count(m.suspect_substance) AS suspect_substance,
        count(m.action_taken) AS action_taken, count(m.source) AS source
    FROM mapped_adverse_event AS m
    GROUP BY year(m.onset_date)
),
comorbidity_year AS (
    SELECT
        year(m.onset_date) AS calendar_year, count(*) AS tested,
        count(m.code_system) AS code_system, count(m.code) AS code, count(m.onset_date) AS onset_date
    FROM mapped_comorbidity AS m
    GROUP BY year(m.onset_date)
),
comedication_year AS (
    SELECT
        year(m.start_date) AS calendar_year, count(*) AS tested,
        count(m.atc) AS atc, count(m.start_date) AS start_date
    FROM mapped_comedication AS m
    GROUP BY year(m.start_date)
)
SELECT 'adverse_event' AS table_name, column_name, calendar_year, tested, present
FROM adverse_event_year UNPIVOT (present FOR column_name IN (
    verbatim, code_system, code, onset_date, report_date, entry_date, serious, ser_death, ser_life_threatening,
    ser_hospitalisation, ser_disability, ser_congenital, ser_medically_important, severity, outcome, causality,
    suspect_substance, action_taken, source
))
UNION ALL
SELECT 'comorbidity' AS table_name, column_name, calendar_year, tested, present
FROM comorbidity_year UNPIVOT (present FOR column_name IN (code_system, code, onset_date))
UNION ALL
SELECT 'comedication' AS table_name, column_name, calendar_year, tested, present
FROM comedication_year UNPIVOT (present FOR column_name IN (atc, start_date))
