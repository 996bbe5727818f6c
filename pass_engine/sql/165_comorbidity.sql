-- Purpose: Other diagnoses, coded as reports of adverse events are; one without a date is kept.
-- Reads: mapped_comorbidity, person, date_fill, local_term, meddra_llt
-- Writes: comorbidity
-- Grain: one row a person, code and onset
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
WITH coded AS (
    SELECT
        m.person_id,
        coalesce(t.system, CASE WHEN m.code_system <> 'local' THEN m.code_system END) AS system,
        CASE WHEN m.code_system = 'local' THEN t.code ELSE m.code END AS code,
        m.onset_date,
        m.onset_precision
    FROM mapped_comorbidity AS m
    LEFT JOIN local_term AS t ON m.code_system = 'local' AND t.term = m.code
)
SELECT DISTINCT
    p.person_id,
    m.system,
    CASE WHEN m.system = 'ICD-10' THEN upper(replace(m.code, '.', '')) ELSE upper(m.code) END AS code,
    l.pt_code,
    CASE WHEN m.onset_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(f.filled_day, m.onset_date), p.birth_date), p.death_date, p.last_contact_date),
                m.onset_date),
            coalesce(f.last_day, m.onset_date))
    END AS onset_date
FROM coded AS m
JOIN person AS p ON p.person_id = m.person_id
LEFT JOIN meddra_llt AS l ON m.system = 'MedDRA LLT' AND l.llt_code = m.code
LEFT JOIN date_fill AS f
    ON f.kind = 'event' AND f.precision_name = m.onset_precision AND f.first_day = m.onset_date
WHERE m.code IS NOT NULL AND m.system IS NOT NULL
