-- Purpose: The first condition of the registry's disease: one of its concepts, or a descendant.
-- Reads: cdm_condition_occurrence, disease_concept, cdm_concept_ancestor
-- Writes: raw_disease
-- Grain: one row a person
-- Binds: none
-- Days: none counted; dates are texts of one form, of which the first is the earliest
WITH meant AS (
    SELECT concept_id FROM disease_concept
    UNION
    SELECT a.descendant_concept_id AS concept_id
    FROM cdm_concept_ancestor AS a
    JOIN disease_concept AS d ON d.concept_id = a.ancestor_concept_id
)
SELECT o.person_id, min(o.condition_start_date) AS diagnosis_date
FROM cdm_condition_occurrence AS o
JOIN meant AS m ON m.concept_id = o.condition_concept_id
GROUP BY o.person_id
