-- Purpose: Treatments of an OMOP model, an ingredient a row; a drug that leads to none keeps its row, without substance.
-- Reads: cdm_drug_era, cdm_drug_exposure, drug_ingredient
-- Writes: raw_treatment
-- Grain: one row a drug era or exposure and ingredient
-- Binds: none
-- Days: none counted; dates are texts as the source has them
WITH drug AS (
    SELECT
        person_id, drug_concept_id, CAST(NULL AS VARCHAR) AS product,
        drug_era_start_date AS start_date, drug_era_end_date AS stop_date
    FROM cdm_drug_era
    UNION ALL
    SELECT
        person_id, drug_concept_id, drug_source_value AS product,
        drug_exposure_start_date AS start_date, drug_exposure_end_date AS stop_date
    FROM cdm_drug_exposure
)
SELECT d.person_id, i.substance, i.atc, d.product, d.start_date, d.stop_date
FROM drug AS d
LEFT JOIN drug_ingredient AS i ON i.drug_concept_id = d.drug_concept_id
