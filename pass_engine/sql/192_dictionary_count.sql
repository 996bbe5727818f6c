-- Purpose: Terms of the registry's MedDRA dictionary that reports or code lists name and it does not have, or no longer.
-- Reads: report_coded, list_code, meddra_llt, meddra_hierarchy, meddra_smq
-- Writes: dictionary_count
-- Grain: one row a rule; none where the registry has no dictionary
-- Binds: none
-- Days: none counted
WITH known AS (
    SELECT 'MedDRA LLT' AS system, llt_code AS code, is_current FROM meddra_llt
    UNION
    SELECT 'MedDRA PT' AS system, pt_code AS code, true AS is_current FROM meddra_llt
    UNION
    SELECT 'MedDRA HLT' AS system, hlt_code AS code, true AS is_current FROM meddra_hierarchy
    UNION
    SELECT 'MedDRA HLGT' AS system, hlgt_code AS code, true AS is_current FROM meddra_hierarchy
    UNION
    SELECT 'MedDRA SOC' AS system, soc_code AS code, true AS is_current FROM meddra_hierarchy
    UNION
    SELECT 'MedDRA SMQ' AS system, smq_code AS code, true AS is_current FROM meddra_smq
),
listed AS (
    SELECT c.code, k.code AS known_code, k.is_current
    FROM list_code AS c
    LEFT JOIN known AS k ON k.system = c.system AND k.code = c.code
    WHERE c.system LIKE 'MedDRA%'
),
dictionary AS (
    SELECT count(*) AS term_count FROM meddra_llt
),
counted AS (
    SELECT
        'event_term_not_current' AS rule_id, 'Term that is no longer current in the dictionary: counted' AS label,
        count(*) AS tested, count(CASE WHEN NOT is_current THEN 1 END) AS failed
    FROM report_coded
    WHERE system = 'MedDRA LLT' AND mapping_status <> 'unmapped'
    UNION ALL
    SELECT
        'list_term_not_known' AS rule_id, 'Term of a code list that the dictionary does not have' AS label,
        count(*) AS tested, count(CASE WHEN known_code IS NULL THEN 1 END) AS failed
    FROM listed
    UNION ALL
    SELECT
        'list_term_not_current' AS rule_id, 'Term of a code list that is no longer current in the dictionary' AS label,
        count(*) AS tested, count(CASE WHEN NOT is_current THEN 1 END) AS failed
    FROM listed
    WHERE known_code IS NOT NULL
)
SELECT c.rule_id, 'adverse_event' AS table_name, 'code' AS column_name, c.label, c.tested, c.failed
FROM counted AS c
CROSS JOIN dictionary AS d
WHERE d.term_count > 0
