-- Purpose: Days on which an outcome of a given source could be seen: observation, cut by entry, death, last contact, cuts
--     and events that stop the time at risk.
-- Reads: cohort_entry, observation, person_in_study, stop_event, window_rule, registry_rule, study_rule
-- Writes: follow_up
-- Grain: one row a kind of window, person and observation period
-- Binds: none
-- Days: both ends count; the days of entry, death, last contact, cut and stopping event are follow-up
WITH limited AS (
    SELECT
        w.window_no,
        n.person_no,
        greatest(
            o.observation_start + s.prior_observation_days,
            n.entry_date + s.landmark_days,
            coalesce(p.registry_entry_date, n.entry_date),
            s.period_start,
            CASE w.source
                WHEN 'death' THEN coalesce(r.death_start, n.entry_date)
                WHEN 'visit' THEN coalesce(r.visit_start, n.entry_date)
                ELSE coalesce(r.adverse_event_start, n.entry_date)
            END
        ) AS follow_up_start,
        least(
            o.observation_end,
            r.data_cut_date,
            coalesce(p.death_date, o.observation_end),
            CASE
                WHEN w.stop_last_contact AND (w.source <> 'death' OR r.deaths = 'visits')
                    THEN coalesce(p.last_contact_date, o.observation_end)
                ELSE o.observation_end
            END,
            CASE WHEN w.stop_study_end THEN s.period_end ELSE o.observation_end END,
            coalesce(x.stop_date, o.observation_end)
        ) AS follow_up_end
    FROM window_rule AS w
    JOIN cohort_entry AS n ON n.cohort = w.cohort
    JOIN person_in_study AS p ON p.person_no = n.person_no
    JOIN observation AS o ON o.person_no = n.person_no
    LEFT JOIN stop_event AS x ON x.window_no = w.window_no AND x.person_no = n.person_no
    CROSS JOIN registry_rule AS r
    CROSS JOIN study_rule AS s
    WHERE w.window_no = w.base_window_no
)
SELECT window_no, person_no, follow_up_start, follow_up_end
FROM limited
WHERE follow_up_start <= follow_up_end
