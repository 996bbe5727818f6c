-- Purpose: The ingredients of each drug of an OMOP model: itself, or those its concept descends from.
-- Reads: cdm_drug_era, cdm_drug_exposure, cdm_concept, cdm_concept_ancestor, substance_name
-- Writes: drug_ingredient
-- Grain: one row a drug concept and ingredient
-- Binds: none
-- Days: none counted
WITH drug AS (
    SELECT drug_concept_id FROM cdm_drug_era
    UNION
    SELECT drug_concept_id FROM cdm_drug_exposure
),
kin AS (
    SELECT drug_concept_id, drug_concept_id AS kin_id FROM drug
    UNION
    SELECT d.drug_concept_id, a.ancestor_concept_id AS kin_id
    FROM drug AS d
    JOIN cdm_concept_ancestor AS a ON a.descendant_concept_id = d.drug_concept_id
),
class AS (
    SELECT k.drug_concept_id, min(c.concept_code) AS atc
    FROM kin AS k
    JOIN cdm_concept AS c ON c.concept_id = k.kin_id
    WHERE c.vocabulary_id = 'ATC' AND c.concept_class_id = 'ATC 5th'
    GROUP BY k.drug_concept_id
    HAVING count(DISTINCT c.concept_code) = 1
)
SELECT DISTINCT
    k.drug_concept_id,
    coalesce(n.substance, lower(trim(c.concept_name))) AS substance,
    t.atc
FROM kin AS k
JOIN cdm_concept AS c ON c.concept_id = k.kin_id
LEFT JOIN substance_name AS n ON n.concept_name = lower(trim(c.concept_name))
LEFT JOIN class AS t ON t.drug_concept_id = k.drug_concept_id
WHERE c.vocabulary_id IN ('RxNorm', 'RxNorm Extension') AND c.concept_class_id = 'Ingredient'
