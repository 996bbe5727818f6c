-- Purpose: Other diagnoses of known persons, each with its code in a standard system: native, or through the local terms.
-- Reads: mapped_comorbidity, person, local_term
-- Writes: comorbidity_coded
-- Grain: one row a row of the source
-- Binds: none
-- Days: none counted
SELECT
    p.person_id,
    CASE WHEN m.code_system = 'local' THEN t.system ELSE m.code_system END AS system,
    CASE WHEN m.code_system = 'local' THEN t.code ELSE m.code END AS code,
    m.onset_date,
    m.onset_precision,
    CASE
        WHEN m.code_system = 'local' THEN coalesce(t.status, 'unmapped')
        WHEN m.code_system IS NULL OR m.code IS NULL THEN 'unmapped'
        ELSE 'native'
    END AS mapping_status
FROM mapped_comorbidity AS m
JOIN person AS p ON p.person_id = m.person_id
LEFT JOIN local_term AS t ON m.code_system = 'local' AND t.term = m.code
