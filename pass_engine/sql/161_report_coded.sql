-- Purpose: Each report with its code in a standard system, native or through the local terms;
--   a lowest-level term yields its preferred term.
-- Reads: report, local_term, meddra_llt
-- Writes: report_coded
-- Grain: one row a person and distinct report
-- Binds: none
-- Days: none counted
WITH termed AS (
    SELECT
        r.person_id, r.report_no,
        CASE WHEN r.code_system = 'local' THEN t.system ELSE r.code_system END AS system,
        CASE WHEN r.code_system = 'local' THEN t.code ELSE r.code END AS code,
        CASE
            WHEN r.code_system = 'local' THEN coalesce(t.status, 'unmapped')
            WHEN r.code_system IS NULL OR r.code IS NULL THEN 'unmapped'
            ELSE 'native'
        END AS mapping_status
    FROM report AS r
    LEFT JOIN local_term AS t ON r.code_system = 'local' AND t.term = coalesce(r.code, r.verbatim)
)
SELECT
    t.person_id,
    t.report_no,
    t.system,
    CASE WHEN t.system = 'ICD-10' THEN upper(replace(t.code, '.', '')) ELSE upper(t.code) END AS code,
    l.pt_code,
    t.mapping_status
FROM termed AS t
LEFT JOIN meddra_llt AS l ON t.system = 'MedDRA LLT' AND l.llt_code = t.code
