-- Purpose: What an OMOP model could not say in the core model, and what it lacks.
-- Reads: cdm_drug_era, cdm_drug_exposure, drug_ingredient, cdm_condition_occurrence, cdm_death, source_code,
--   raw_adverse_event, cdm_person, cdm_lack
-- Writes: omop_count
-- Grain: one row a rule, table and column
-- Binds: none
-- Days: none counted
WITH drug AS (
    SELECT drug_concept_id FROM cdm_drug_era
    UNION ALL
    SELECT drug_concept_id FROM cdm_drug_exposure
),
ingredient AS (
    SELECT drug_concept_id, count(*) AS ingredients
    FROM drug_ingredient
    GROUP BY drug_concept_id
),
person_number AS (
    SELECT count(*) AS persons
    FROM cdm_person
)
SELECT
    'drug_concept_0' AS rule_id, 'treatment' AS table_name, 'substance' AS column_name,
    'Drug without a concept (concept 0): without substance' AS label,
    count(*) AS tested, count(CASE WHEN coalesce(drug_concept_id, '0') = '0' THEN 1 END) AS failed
FROM drug
UNION ALL
SELECT
    'drug_without_ingredient' AS rule_id, 'treatment' AS table_name, 'substance' AS column_name,
    'Drug whose concept leads to no ingredient: without substance' AS label,
    count(*) AS tested,
    count(CASE WHEN d.drug_concept_id <> '0' AND i.drug_concept_id IS NULL THEN 1 END) AS failed
FROM drug AS d
LEFT JOIN ingredient AS i ON i.drug_concept_id = d.drug_concept_id
UNION ALL
SELECT
    'drug_of_several_ingredients' AS rule_id, 'treatment' AS table_name, 'substance' AS column_name,
    'Drug of several ingredients: a treatment with each' AS label,
    count(*) AS tested, count(CASE WHEN i.ingredients > 1 THEN 1 END) AS failed
FROM drug AS d
LEFT JOIN ingredient AS i ON i.drug_concept_id = d.drug_concept_id
UNION ALL
SELECT
    'condition_concept_0' AS rule_id, 'adverse_event' AS table_name, 'code' AS column_name,
    'Condition without a concept (concept 0)' AS label,
    count(*) AS tested, count(CASE WHEN coalesce(condition_concept_id, '0') = '0' THEN 1 END) AS failed
FROM cdm_condition_occurrence
UNION ALL
SELECT
    'condition_local' AS rule_id, 'adverse_event' AS table_name, 'code' AS column_name,
    'Condition without the code asked for: a local term' AS label,
    count(*) AS tested, count(CASE WHEN code_system = 'local' THEN 1 END) AS failed
FROM raw_adverse_event
UNION ALL
SELECT
    'cause_not_icd_10' AS rule_id, 'person' AS table_name, 'cause_of_death' AS column_name,
    'Death whose cause has no ICD-10 code' AS label,
    count(*) AS tested, count(CASE WHEN coalesce(s.code_system, '') <> 'ICD-10' THEN 1 END) AS failed
FROM cdm_death AS d
LEFT JOIN source_code AS s ON s.concept_id = d.cause_source_concept_id
UNION ALL
SELECT
    'lacks_' || k.cdm_table AS rule_id, k.table_name, k.column_name,
    'Not supplied: no OMOP table ' || k.cdm_table AS label,
    n.persons AS tested, n.persons AS failed
FROM cdm_lack AS k
CROSS JOIN person_number AS n
