-- Purpose: Calendar intervals as a window shows them: where the protocol asks for complete ones, those that do not lie
--     wholly between the first and the last day the registry can see are put together under number 0.
-- Reads: window_rule, calendar_interval, study_rule, registry_rule
-- Writes: shown_interval
-- Grain: one row a window and calendar interval
-- Binds: none
-- Days: both ends of an interval count
SELECT
    w.window_no,
    i.interval_no,
    i.interval_start,
    i.interval_end,
    CASE
        WHEN s.complete_intervals AND (
            i.interval_start < greatest(
                s.period_start,
                CASE w.source
                    WHEN 'death' THEN r.death_start WHEN 'visit' THEN r.visit_start ELSE r.adverse_event_start
                END
            )
            OR i.interval_end > r.data_cut_date
        ) THEN 0
        ELSE i.interval_no
    END AS shown_no
FROM window_rule AS w
CROSS JOIN calendar_interval AS i
CROSS JOIN study_rule AS s
CROSS JOIN registry_rule AS r
