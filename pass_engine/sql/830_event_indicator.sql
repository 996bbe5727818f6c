-- Purpose: Indicators of reports of adverse events: which fields are known, and how soon reports are entered.
-- Reads: event_lag, report
-- Writes: event_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: from onset to entry, the day of onset not counted
WITH counted AS (
    SELECT
        count(*) AS reports,
        count(onset_date) AS onsets,
        count(CASE WHEN onset_precision = 'day' THEN onset_date END) AS onsets_to_day,
        count(CASE WHEN outcome <> 'unknown' THEN 1 END) AS outcomes,
        count(causality) AS assessed,
        count(CASE WHEN outcome IN ('recovered', 'recovered with sequelae') THEN 1 END) AS recovered,
        count(CASE WHEN outcome IN ('recovered', 'recovered with sequelae') THEN end_date END) AS recovered_on,
        count(CASE WHEN adverse_event_start IS NOT NULL THEN onset_date END) AS collected,
        count(CASE WHEN onset_date < adverse_event_start THEN 1 END) AS collected_before,
        count(lag_days) AS entered,
        count(CASE WHEN lag_days < 0 THEN 1 END) AS entered_before,
        count(CASE WHEN lag_days >= 0 THEN 1 END) AS entered_after,
        CAST(coalesce(sum(CASE WHEN lag_days >= 0 THEN lag_days END), 0) AS BIGINT) AS all_lag_days,
        count(CASE WHEN lag_days BETWEEN 0 AND 30 THEN 1 END) AS in_30,
        count(CASE WHEN lag_days BETWEEN 0 AND 180 THEN 1 END) AS in_180
    FROM event_lag
),
grave AS (
    SELECT
        count(*) AS reports,
        count(CASE WHEN serious_flag IN ('yes', 'no') OR serious_by_criteria IN ('yes', 'no') THEN 1 END) AS told,
        count(CASE WHEN serious_flag = 'yes' OR serious_by_criteria = 'yes' THEN 1 END) AS serious,
        count(CASE WHEN serious_by_criteria = 'yes' THEN 1 END) AS with_criterion
    FROM report
)
SELECT 'event_onset_known' AS indicator, onsets AS numerator, reports AS denominator FROM counted
UNION ALL
SELECT 'event_onset_to_day' AS indicator, onsets_to_day AS numerator, onsets AS denominator FROM counted
UNION ALL
SELECT 'event_outcome_known' AS indicator, outcomes AS numerator, reports AS denominator FROM counted
UNION ALL
SELECT 'event_causality_known' AS indicator, assessed AS numerator, reports AS denominator FROM counted
UNION ALL
SELECT 'event_end_known' AS indicator, recovered_on AS numerator, recovered AS denominator FROM counted
UNION ALL
SELECT 'event_before_collection' AS indicator, collected_before AS numerator, collected AS denominator FROM counted
UNION ALL
SELECT 'event_entry_lag' AS indicator, all_lag_days AS numerator, entered_after AS denominator FROM counted
UNION ALL
SELECT 'event_entered_in_30_days' AS indicator, in_30 AS numerator, entered_after AS denominator FROM counted
UNION ALL
SELECT 'event_entered_in_180_days' AS indicator, in_180 AS numerator, entered_after AS denominator FROM counted
UNION ALL
SELECT 'event_entered_before_onset' AS indicator, entered_before AS numerator, entered AS denominator FROM counted
UNION ALL
SELECT 'event_seriousness_known' AS indicator, told AS numerator, reports AS denominator FROM grave
UNION ALL
SELECT 'serious_with_criterion' AS indicator, with_criterion AS numerator, serious AS denominator FROM grave
