-- Purpose: What each code that occurs stands for in a standard system: as recorded, or through the local terms.
--   A lowest-level term yields its preferred term. A code that its system cannot have is unmapped (and kept), and so is a
--   local term without a code: it stands for itself, and a code list may name it.
-- Reads: mapped_adverse_event, mapped_comorbidity, local_term, meddra_llt
-- Writes: event_code
-- Grain: one row a code system and recorded code
-- Binds: none
-- Days: none counted
WITH recorded AS (
    SELECT code_system, CASE WHEN code_system = 'local' THEN coalesce(code, verbatim) ELSE code END AS recorded_code
    FROM mapped_adverse_event
    UNION
    SELECT code_system, code AS recorded_code
    FROM mapped_comorbidity
),
termed AS (
    SELECT
        r.code_system,
        r.recorded_code,
        CASE WHEN r.code_system = 'local' AND t.code IS NOT NULL THEN t.system ELSE r.code_system END AS system,
        CASE
            WHEN r.code_system = 'ICD-10' OR t.system = 'ICD-10'
                THEN translate(upper(coalesce(t.code, r.recorded_code)), '.*+ ', '')
            WHEN r.code_system = 'local' THEN coalesce(upper(t.code), r.recorded_code)
            ELSE upper(r.recorded_code)
        END AS code,
        CASE WHEN r.code_system = 'local' THEN coalesce(t.status, 'unmapped') ELSE 'native' END AS mapping_status
    FROM recorded AS r
    LEFT JOIN local_term AS t ON r.code_system = 'local' AND t.term = r.recorded_code
    WHERE r.code_system IS NOT NULL AND r.recorded_code IS NOT NULL
),
preferred AS (
    SELECT DISTINCT pt_code
    FROM meddra_llt
),
dictionary AS (
    SELECT count(*) AS term_count
    FROM meddra_llt
)
SELECT
    t.code_system,
    t.recorded_code,
    t.system,
    t.code,
    l.pt_code,
    coalesce(l.is_current, true) AS is_current,
    CASE
        WHEN t.system = 'ICD-10' AND NOT regexp_matches(t.code, '^[A-Z][0-9][0-9A-Z]{1,5}$') THEN 'unmapped'
        WHEN t.system IN ('MedDRA LLT', 'MedDRA PT') AND NOT regexp_matches(t.code, '^[0-9]+$') THEN 'unmapped'
        WHEN t.system = 'MedDRA LLT' AND d.term_count > 0 AND l.pt_code IS NULL THEN 'unmapped'
        WHEN t.system = 'MedDRA PT' AND d.term_count > 0 AND p.pt_code IS NULL THEN 'unmapped'
        ELSE t.mapping_status
    END AS mapping_status
FROM termed AS t
CROSS JOIN dictionary AS d
LEFT JOIN meddra_llt AS l ON t.system = 'MedDRA LLT' AND l.llt_code = t.code
LEFT JOIN preferred AS p ON t.system = 'MedDRA PT' AND p.pt_code = t.code
