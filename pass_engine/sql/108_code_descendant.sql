-- Purpose: Concepts that conditions have, under every concept they descend from, for code lists with descendants.
-- Reads: cdm_condition_occurrence, cdm_concept_ancestor
-- Writes: code_descendant
-- Grain: one row an ancestor and concept
-- Binds: none
-- Days: none counted
SELECT DISTINCT a.ancestor_concept_id AS ancestor_code, a.descendant_concept_id AS code
FROM cdm_concept_ancestor AS a
JOIN cdm_condition_occurrence AS o ON o.condition_concept_id = a.descendant_concept_id
