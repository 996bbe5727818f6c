-- Purpose: Conditions of an OMOP model under the code asked for; one without it is a local term, under the source's value.
-- Reads: cdm_condition_occurrence, omop_rule, source_code
-- Writes: raw_adverse_event
-- Grain: one row a condition occurrence
-- Binds: none
-- Days: none counted; dates are texts as the source has them
SELECT
    o.person_id,
    o.condition_occurrence_id AS event_id,
    o.condition_source_value AS verbatim,
    CASE
        WHEN r.conditions = 'concept' AND o.condition_concept_id <> '0' THEN 'OMOP'
        WHEN r.conditions = 'source' AND s.code_system IS NOT NULL THEN s.code_system
        ELSE 'local'
    END AS code_system,
    CASE
        WHEN r.conditions = 'concept' AND o.condition_concept_id <> '0' THEN o.condition_concept_id
        WHEN r.conditions = 'source' AND s.code_system IS NOT NULL THEN s.code
        ELSE o.condition_source_value
    END AS code,
    o.condition_start_date AS onset_date,
    o.condition_end_date AS end_date
FROM cdm_condition_occurrence AS o
CROSS JOIN omop_rule AS r
LEFT JOIN source_code AS s ON s.concept_id = o.condition_source_concept_id
