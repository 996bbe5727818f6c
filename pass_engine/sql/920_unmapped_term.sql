-- Purpose: Terms of adverse events and other diagnoses that have no code in a standard system, for a coder. Stays at the
--     registry: it holds words as they were written, but no person.
-- Reads: mapped_adverse_event, mapped_comorbidity, event_code
-- Writes: unmapped_term
-- Grain: one row a system and term
-- Binds: none
-- Days: none counted
WITH told AS (
    SELECT person_id, code_system, coalesce(code, verbatim) AS term,
        CASE WHEN code_system = 'local' THEN coalesce(code, verbatim) ELSE code END AS recorded_code
    FROM mapped_adverse_event
    UNION ALL
    SELECT person_id, code_system, code AS term, code AS recorded_code
    FROM mapped_comorbidity
)
SELECT
    coalesce(t.term, '') AS term,
    coalesce(t.code_system, '') AS recorded_as,
    count(*) AS reports,
    count(DISTINCT t.person_id) AS persons
FROM told AS t
LEFT JOIN event_code AS e ON e.code_system = t.code_system AND e.recorded_code = t.recorded_code
WHERE coalesce(e.mapping_status, 'unmapped') = 'unmapped'
GROUP BY coalesce(t.term, ''), coalesce(t.code_system, '')
