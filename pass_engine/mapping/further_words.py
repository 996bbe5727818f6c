"""Further words of the glossary: names of the CDISC standards, Dutch, and short forms that exports of databases have.

CDISC: variables of the Study Data Tabulation Model (SDTM 2.0) and of its analysis model (ADaM), and of older exports.
"""

from __future__ import annotations

MORE_TABLES: dict[str, str] = {
    "person": "dm adsl demographics subjects subject personer individer individ stamdata stammdaten patienten",
    "disease": "disease_history ziekte sygdomme mshistory",
    "treatment": "therapien terapier terapeutica therapies behandelingen behandlingar tratamientos leky farmaci dmts",
    "administration": "ex exposure infuus infusies infusionen",
    "adverse_event": (
        "adverse adae aes adverse_reactions bijwerkingen ongewenste_voorvallen haendelser biverkan "
        "unerwuenschte_ereignisse nebenwirkung uaw effets_indesirables reacciones_adversas nezadouci_ucinky"
    ),
    "visit": "sv bezoeken besog visitas navstevy",
    "relapse": "exacerbations schubs recidive aanvallen",
    "comorbidity": "mh medical_history diagnoses diagnosen diagnoser antecedents anamnese",
    "comedication": "cm concomitant conmed conmeds begeleidende_medicatie",
    "laboratory": "lb labs laborwerte laboratoriumwaarden adlb",
}
"""Core table to names of tables, as in the glossary."""

MORE_ANY: dict[str, str] = {
    "person_id": (
        "usubjid subjid subject subject_no patnr pat_nr pat_id patid patientennummer patienten_nr patientnummer "
        "patient_number patientid pid pnr personnr person_nr num_patient no_patient numero_patient id_pat nip ipp "
        "codice_paz id_paz cod_paziente cislo_pacienta id_pac pacient_id nhc id_persona numero_paciente lopnummer "
        "lobenr lobe_nr rodne_cislo_hash pseudo_id"
    ),
}
"""Column of every table to its names."""

MORE_COLUMNS: dict[str, dict[str, str]] = {
    "person": {
        "birth_date": (
            "brthdtc brthdt brthdat birthdt bdate birth birthday birth_year fodelsear fodselsar geburtsjahr "
            "geboortejaar annee_naissance rok_narozeni fodt fodselsdag fodd datnar datum_naroz ddn "
            "date_naiss datnaiss data_nasc datanasc datanascita fecha_nac fnac geboortedatum geb_datum "
            "gebdat gebdatum"
        ),
        "sex": "geslacht pohl gesl",
        "country": "landkode land_kod staat nationality_country",
        "centre_id": "siteid site_id centerid centre_no zentrum_id ziekenhuis hospital hopital ospedale nemocnice",
        "registry_entry_date": (
            "rficdtc rfstdtc enrldt aufnahmedatum einschlussdatum aufnahme inclusiedatum date_entree fecha_inclusion "
            "datum_zarazeni datum_vstupu inklusionsdato inklusionsdatum"
        ),
        "death_date": (
            "dthdtc dthdt dthdat ddate deathdt deathdate todesdatum todestag verstorben_am doed dod doddatum dodsfall "
            "date_dc dc_date datedeces data_morte data_dec fecha_defuncion fecha_exitus overlijdensdatum dat_umrti"
        ),
        "cause_of_death": "dthcaus dcause todesursache_icd causa_muerte doodsoorzaak pricina_smrti",
        "last_contact_date": (
            "lstalvdt lstcntdt lastcontact letzter_besuch letzte_visite letzter_kontakt_am laatste_contact ddn_contact "
            "date_derniere_visite date_dern_nouv data_ult_visita data_ultima_visita fecha_ult_visita "
            "fecha_ultima_visita datum_posl_kontroly posledni_navsteva sidst_set sidste_kontakt senast_sedd"
        ),
        "consent": "icf informed_consent toestemming",
        "smoking": "smokstat roken raucher rauchstatus fumeur fumatore kurak tabagisme",
        "education": "opleiding schulbildung",
    },
    "treatment": {
        "substance": "extrt cmdecod treatment_name werkzame_stof arzneimittel medicament medicijn lek dmt drug_name",
        "start_date": "exstdtc exstdt trtsdt therapiebeginn beginn_therapie date_debut_trt startdatum datum_zahajeni",
        "stop_date": "exendtc exendt trtedt therapieende ende_therapie date_fin_trt einddatum datum_ukonceni",
        "dose": "exdose dosering",
        "dose_unit": "exdosu doseneinheit",
        "stop_reason": "dsdecod reden_stop motif stopgrund ukonceni_duvod",
    },
    "administration": {
        "substance": "extrt werkzame_stof arzneimittel lek drug_name",
        "date": "exstdtc exdtc infusion_date infusiedatum infusionsdatum datum_infuze fecha_infusion",
        "dose": "exdose dosering",
        "dose_unit": "exdosu",
    },
    "adverse_event": {
        "event_id": "aeid aeseq aespid melding_nr ereignis_id",
        "verbatim": "aeterm aedecod bezeichnung omschrijving reaction event_term nazev descripcion betegnelse",
        "code": "aeptcd aelltcd llt_code pt_code meddra_code meddra_pt meddra_llt icd10_code aebodcd",
        "onset_date": (
            "aestdtc aestdt aestdat aeonset aestart ae_onset startdatum beginn_datum fecha_inicio datum_vzniku "
            "insorto_il opstaet"
        ),
        "end_date": "aeendtc aeendt aeendat aeend aestop einddatum ende_datum fecha_fin datum_konce",
        "report_date": "aedtc aerptdt meldedatum melddatum fecha_notificacion",
        "entry_date": "aeentdt erfassungsdatum invoerdatum data_inserim datum_zadani indtastet",
        "serious": "aeser ernstig ser serio sae_flag schwerwiegend_ja",
        "ser_death": "aesdth aesdeath tot muerte",
        "ser_life_threatening": "aeslife levensbedreigend",
        "ser_hospitalisation": "aeshosp ziekenhuisopname krankenhaus hospitalizacion stationaer",
        "ser_disability": "aesdisab invaliditeit behinderung",
        "ser_congenital": "aescong",
        "ser_medically_important": "aesmie",
        "severity": "aesev aetoxgr ctcae ernstgraad",
        "outcome": "aeout afloop resultat desenlace",
        "causality": "aerel aerelnst causaliteit relatie",
        "suspect_substance": "aesusp suspect_drug verdachtes_arzneimittel",
        "action_taken": "aeacn massnahme maatregel",
    },
    "visit": {
        "visit_date": "svstdtc visitdt visdat visit_dt bezoekdatum besuchsdatum fecha_visita datum_navstevy",
        "edss": "edss_score edss_total edsstot",
    },
    "relapse": {"onset_date": "relapse_date relapsedt schubbeginn schubdatum datum_ataky fecha_brote"},
    "mri": {"mri_date": "mridt mri_dt mrt_datum fecha_rm datum_mr"},
    "disease": {
        "onset_date": "msonset onset_dt erstsymptom datum_prvni_priznaky fecha_inicio eerste_symptomen",
        "diagnosis_date": "msdiag diagdt diag_date diagnosedato_ms fecha_diagnostico diagnosedatum_ms",
    },
    "comorbidity": {
        "code": "mhptcd mhlltcd icd10_code icd icd_code",
        "onset_date": "mhstdtc mhstdt startdatum diagnosedatum",
    },
    "comedication": {
        "atc": "cmatc cmclascd atccode atc_kod",
        "start_date": "cmstdtc cmstdt startdatum",
        "stop_date": "cmendtc cmendt einddatum",
    },
    "laboratory": {
        "test": "lbloinc lbtestcd loinc_code parameter",
        "date": "lbdtc lbdt datum_odberu fecha_muestra abnahmedatum afnamedatum",
        "value": "lbstresn lborresn lborres ergebnis uitslag vysledek",
        "unit": "lbstresu lborresu eenheid",
    },
}
"""Core table and column to names of columns, as in the glossary."""

MORE_VALUES: dict[str, dict[str, str]] = {
    "sex": {"female": "v z vrouw mujer hembra kobieta", "male": "h hombre varon maschile muzsky"},
    "outcome": {
        "recovered": "recovered_resolved hersteld genesen recuperado",
        "recovering": "recovering_resolving",
        "not recovered": "not_recovered_not_resolved niet_hersteld nicht_genesen",
        "recovered with sequelae": "recovered_resolved_with_sequelae",
        "fatal": "todlich fallecido overleden",
        "unknown": "okand uoplyst neznamo inconnu ignoto unbekannt onbekend desconocido",
    },
    "stop_reason": {
        "adverse event": "nebenwirkung nebenwirkungen bijwerking",
        "lack of effect": "wirkungsmangel unwirksamkeit",
        "pregnancy": "schwangerschaft zwangerschap",
        "patient choice": "patientenwunsch",
        "death": "tod verstorben overleden",
        "other": "andere sonstige anders",
        "unknown": "unbekannt onbekend",
    },
    "severity": {"mild": "licht leve grade_1", "moderate": "matig massig moderado", "severe": "ernstig"},
}
"""Coded column to core value to words, as in the glossary."""
