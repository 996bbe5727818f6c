-- Purpose: Concepts of the source whose codes a code list can hold: ICD-10 and its editions, MedDRA.
-- Reads: cdm_concept, cdm_code_system
-- Writes: source_code
-- Grain: one row a concept
-- Binds: none
-- Days: none counted
SELECT c.concept_id, s.code_system, c.concept_code AS code
FROM cdm_concept AS c
JOIN cdm_code_system AS s
    ON s.vocabulary_id = c.vocabulary_id AND coalesce(s.concept_class_id, c.concept_class_id) = c.concept_class_id
