-- Purpose: Reports of adverse events, numbered by their content; a report sent twice is one (its own number aside).
-- Reads: mapped_adverse_event, person
-- Writes: report
-- Grain: one row a person and distinct report
-- Binds: none
-- Days: none counted
WITH distinct_report AS (
    SELECT DISTINCT
        p.person_id,
        m.verbatim, m.code_system, m.code, m.onset_date, m.onset_precision, m.end_date, m.end_precision,
        m.report_date, m.report_precision, m.entry_date, m.entry_precision, m.serious, m.ser_death,
        m.ser_life_threatening, m.ser_hospitalisation, m.ser_disability, m.ser_congenital,
        m.ser_medically_important, m.severity, m.outcome, m.causality, m.suspect_substance, m.action_taken,
        m.source
    FROM mapped_adverse_event AS m
    JOIN person AS p ON p.person_id = m.person_id
)
SELECT
    person_id,
    row_number() OVER (
        PARTITION BY person_id
        ORDER BY
            onset_date, onset_precision, verbatim, code_system, code, end_date, end_precision, report_date,
            report_precision, entry_date, entry_precision, serious, ser_death, ser_life_threatening,
            ser_hospitalisation, ser_disability, ser_congenital, ser_medically_important, severity, outcome,
            causality, suspect_substance, action_taken, source
    ) AS report_no,
    source,
    code_system,
    CASE WHEN code_system = 'local' THEN coalesce(code, verbatim) ELSE code END AS recorded_code,
    onset_date, onset_precision, end_date, end_precision, report_date, entry_date, outcome,
    serious AS serious_flag,
    CASE
        WHEN 'yes' IN (
            ser_death, ser_life_threatening, ser_hospitalisation, ser_disability, ser_congenital,
            ser_medically_important
        ) THEN 'yes'
        WHEN ser_death = 'no' AND ser_life_threatening = 'no' AND ser_hospitalisation = 'no'
            AND ser_disability = 'no' AND ser_congenital = 'no' AND ser_medically_important = 'no' THEN 'no'
        ELSE 'unknown'
    END AS serious_by_criteria
FROM distinct_report
