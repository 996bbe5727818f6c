-- Purpose: Code lists as the codes to look for: a group of MedDRA terms becomes its terms; other rows stay as they are.
--   A group's terms are all that lie under it (any), those under it on their primary path (primary), or those of a
--   query's narrow scope (narrow) or of both its scopes (broad).
-- Reads: outcome_code, meddra_hierarchy, meddra_smq
-- Writes: outcome_term
-- Grain: one row an outcome, system, code or range of codes, and match
-- Binds: none
-- Days: none counted
WITH placed AS (
    SELECT 'MedDRA HLT' AS system, hlt_code AS group_code, pt_code, is_primary FROM meddra_hierarchy
    UNION ALL
    SELECT 'MedDRA HLGT' AS system, hlgt_code AS group_code, pt_code, is_primary FROM meddra_hierarchy
    UNION ALL
    SELECT 'MedDRA SOC' AS system, soc_code AS group_code, pt_code, is_primary FROM meddra_hierarchy
)
SELECT outcome, system, code_from, code_to, match
FROM outcome_code
WHERE match IN ('exact', 'descendants', 'range')
UNION
SELECT c.outcome, 'MedDRA PT' AS system, p.pt_code AS code_from, p.pt_code AS code_to, 'exact' AS match
FROM outcome_code AS c
JOIN placed AS p ON p.system = c.system AND p.group_code = c.code_from
WHERE c.match = 'any' OR (c.match = 'primary' AND p.is_primary)
UNION
SELECT c.outcome, q.term_system AS system, q.term_code AS code_from, q.term_code AS code_to, 'exact' AS match
FROM outcome_code AS c
JOIN meddra_smq AS q ON c.system = 'MedDRA SMQ' AND q.smq_code = c.code_from
WHERE c.match = 'broad' OR (c.match = 'narrow' AND q.is_narrow)
