"""Words by which registries call tables and columns, in several languages, without accents and in small letters.

English, Danish and Swedish, Czech, French, Italian, German and Spanish. A word tells nothing for certain: what is
drafted from it carries the reason, and a person decides.
"""

from __future__ import annotations

TABLES: dict[str, str] = {
    "person": (
        "person personer persons patient patients patienter pacient pacienti pazienti pazienten patienten pacientes"
    ),
    "observation_period": "observation observation_period follow_up bopael folkbokforing residence osservazione",
    "disease": "disease ms_history sygdom sjukdom maladie malattia onemocneni krankheit enfermedad historia",
    "course": "course forlob forlopp forme decorso prubeh verlauf curso",
    "treatment": (
        "treatment treatments drugs dmt behandling traitement traitements terapie lecba therapie tratamiento"
    ),
    "administration": "administration infusion infusions infusioner perfusion infusioni infuze infusionen dose doses",
    "adverse_event": (
        "adverse_event adverse_events ae bivirkninger biverkningar evenement evenement_indesirable evenements "
        "eventi_avversi nezadouci_prihody nebenwirkungen eventos_adversos events"
    ),
    "visit": "visit visits kontroller besok visite visites navstevy visiten visitas consultation",
    "relapse": "relapse relapses attakker skov poussee poussees ricadute ataky schube brotes",
    "mri": "mri mr mr_skanninger irm risonanze mrt resonancia scans",
    "pregnancy": (
        "pregnancy pregnancies graviditeter grossesse grossesses gravidanze tehotenstvi schwangerschaften embarazos"
    ),
    "comorbidity": (
        "comorbidity comorbidities andre_sygdomme samsjuklighet comorbidite comorbidites comorbidita komorbidity "
        "begleiterkrankungen comorbilidades"
    ),
    "comedication": (
        "comedication other_drugs anden_medicin lakemedel autre_traitement autres_traitements comedications "
        "altri_farmaci jine_leky begleitmedikation"
    ),
    "laboratory": "laboratory lab laboratorie laboratoire biologie laboratorio labor",
}
"""Core table to names of files, sheets and tables; several words of one name are joined by _."""

ANY_TABLE: dict[str, str] = {
    "person_id": (
        "person_id patient_id patient id id_patient patient_nr patient_no lopnr id_pacienta id_paziente "
        "patienten_id pseudonym subject_id cpr_pseudonym id_paciente codice_paziente"
    ),
}
"""Columns that every table has."""

COLUMNS: dict[str, dict[str, str]] = {
    "person": {
        "birth_date": (
            "birth_date birth_month born date_of_birth fodselsdato fodelsedatum fodelsemanad foedselsdato "
            "datum_narozeni date_naissance data_nascita geburtsdatum fecha_nacimiento birthdate dob"
        ),
        "sex": "sex gender kon koen pohlavi sexe sesso geschlecht sexo",
        "country": "country land zeme pays paese pais",
        "centre_id": "centre center clinic klinik centrum centro site centre_id zentrum",
        "registry_entry_date": (
            "registry_entry_date enrolled enrolment indgangsdato inklusion inkluderad date_inclusion "
            "vstup_do_registru data_ingresso data_registrazione data_arruolamento einschluss inclusion entry "
            "inskriven"
        ),
        "death_date": (
            "death_date died date_of_death dodsdato dodsdatum avliden_datum date_deces datum_umrti data_decesso "
            "data_morte sterbedatum fecha_muerte avliden"
        ),
        "cause_of_death": (
            "cause_of_death dodsarsag dodsorsak cause_deces pricina_umrti causa_decesso causa_morte todesursache"
        ),
        "last_contact_date": (
            "last_contact_date last_visit last_seen last_contact seneste_kontakt senaste_kontakt "
            "date_dernieres_nouvelles posledni_kontakt ultimo_contatto letzter_kontakt ultimo_contacto"
        ),
        "consent": "consent samtykke samtycke souhlas consentement consenso einwilligung consentimiento",
        "smoking": "smoking smoker rygning rokning koureni tabac fumo rauchen tabaquismo",
        "education": "education isced uddannelse utbildning vzdelani niveau_etudes istruzione titolo_studio bildung",
    },
    "observation_period": {
        "start_date": (
            "start start_date startdato startdatum begun since begin fra fra_dato fran insatt debut date_debut "
            "zacatek od inizio data_inizio beginn inicio bopael_fra folkbokford_fran"
        ),
        "end_date": (
            "stop stop_date slutdato slutdatum stopped slut end end_date utsatt fin date_fin konec do fine "
            "data_fine ende stopdato bopael_til folkbokford_till"
        ),
    },
    "disease": {
        "onset_date": (
            "onset onset_date first_symptoms symptomdebut debut prvni_priznaky date_debut esordio data_esordio "
            "erste_symptome"
        ),
        "diagnosis_date": (
            "diagnosis diagnosis_date diagnosed diagnosedato diagnosdatum datum_diagnozy date_diagnostic "
            "data_diagnosi diagnosedatum"
        ),
        "diagnostic_criteria": "criteria diagnostic_criteria kriterier kriteria criteres criteri kriterien criterios",
        "course_at_onset": (
            "course_at_onset onset_course forlob_ved_debut forlopp typ_na_pocatku forme_initiale decorso_iniziale "
            "decorso_esordio forma_esordio"
        ),
    },
    "course": {
        "start_date": (
            "start start_date startdato startdatum begun since begin fra fra_dato fran insatt debut date_debut "
            "zacatek od inizio data_inizio beginn inicio date_forme data_decorso"
        ),
        "course": "course type typ forme prubeh decorso forma verlauf curso",
    },
    "treatment": {
        "substance": (
            "substance drug praeparat substans latka molecule substans sostanza principio_attivo wirkstoff farmaco dci"
        ),
        "atc": "atc atc_code atc_kode codice_atc",
        "product": "product produkt produit prodotto",
        "start_date": (
            "start start_date startdato startdatum begun since begin fra fra_dato fran insatt debut date_debut "
            "zacatek od inizio data_inizio beginn inicio"
        ),
        "stop_date": (
            "stop stop_date slutdato slutdatum stopped slut end end_date utsatt fin date_fin konec do fine "
            "data_fine ende stopdato"
        ),
        "dose": "dose dosis dos davka posologie dosaggio",
        "dose_unit": "unit enhed enhet jednotka unite unita einheit dose_unit unidad",
        "stop_reason": (
            "stop_reason reason stoparsag utsattningsorsak duvod_ukonceni motif_arret motivo_sospensione "
            "motivo_stop abbruchgrund"
        ),
    },
    "administration": {
        "substance": (
            "substance drug praeparat substans latka molecule substans sostanza principio_attivo wirkstoff "
            "farmaco dci atc_kode"
        ),
        "date": "date datum dato infusionsdato given date_perfusion data data_infusione fecha",
        "dose": "dose dosis dos davka posologie dosaggio",
        "dose_unit": "unit enhed enhet jednotka unite unita einheit dose_unit unidad",
    },
    "adverse_event": {
        "event_id": (
            "event_id report report_id indberetning_nr rapport cislo_hlaseni id_evenement numero_segnalazione id_evento"
        ),
        "verbatim": "verbatim description popis beskrivning libelle descrizione term beschreibung",
        "code_system": "code_system coding coding_system kodesystem",
        "code": "code icd10 icd_10 kod_pt llt_kod kod llt pt codice terme code_llt code_pt kode",
        "onset_date": (
            "onset onset_date debut zacatek date_debut date_survenue insorgenza data_inizio data_insorgenza beginn"
        ),
        "end_date": "end_date resolved ophor slut konec date_fin risoluzione data_fine ende",
        "report_date": (
            "report_date reported indberettet rapporterad nahlaseno date_declaration segnalazione "
            "data_segnalazione gemeldet"
        ),
        "entry_date": "entry_date entered inmatad date_saisie data_inserimento",
        "serious": "serious sae alvorlig allvarlig zavazna grave serieux schwerwiegend",
        "ser_death": "ser_death sae_death dodelig dodlig umrti deces decesso fatale tod",
        "ser_life_threatening": (
            "ser_life_threatening sae_life livstruende livshotande ohrozeni_zivota pronostic_vital pericolo_vita "
            "lebensbedrohlich"
        ),
        "ser_hospitalisation": (
            "ser_hospitalisation sae_hospital hospitalised indlagt inlagd hospitalizace hospitalisation "
            "ospedalizzazione ricovero"
        ),
        "ser_disability": "ser_disability disability bestaende_men trvale_nasledky invalidite disabilita",
        "ser_congenital": "ser_congenital congenital missbildning malformation anomalia_congenita",
        "ser_medically_important": (
            "ser_medically_important annars_viktig jinak_vyznamna medicalement_important clinicamente_rilevante"
        ),
        "severity": (
            "severity svaerhedsgrad sverhedsgrad svarighetsgrad intenzita gravita gravite intensite schweregrad "
            "grade gravedad"
        ),
        "outcome": "outcome udfald utfall vysledek evolution issue esito ausgang",
        "causality": "causality samband souvislost imputabilite causalita nesso kausalitat",
        "suspect_substance": "suspect suspect_substance mistaenkt_atc misstankt suspecte sospetto farmaco_sospetto",
        "action_taken": "action action_taken atgard opatreni conduite provvedimento",
        "source": "source origin kilde kalla zdroj origine fonte quelle",
    },
    "visit": {
        "visit_date": "visit visit_date kontroldato besoksdatum datum date_visite data_visita visitendatum",
        "edss": "edss",
        "in_relapse": "in_relapse relapse_now attak skov ataka poussee ricaduta schub",
        "timed_25_foot_walk_s": "timed_25_foot_walk t25fw gangtest_s marche cammino",
        "sdmt": "sdmt",
        "nine_hole_peg_s": "nine_hole_peg 9hpt pegtest_s nhpt",
    },
    "relapse": {
        "onset_date": "onset onset_date attakdato skovdatum zacatek date_poussee date_debut data_ricaduta inizio",
        "severity": (
            "severity svaerhedsgrad sverhedsgrad svarighetsgrad intenzita gravita gravite intensite schweregrad "
            "grade gravedad"
        ),
        "recovery": "recovery aterhamtning uprava recuperation recupero erholung",
        "steroids": "steroids steroid kortison kortikoidy corticoides steroidi cortisone",
        "hospitalised": "hospitalised admitted indlagt inlagd hospitalisation ricovero ospedalizzato",
    },
    "mri": {
        "mri_date": "mri_date scan scan_date skanningsdato mr_datum datum date_irm data_rm data_risonanza",
        "region": "region omrade oblast zone area regione distretto",
        "new_or_enlarging_t2": "new_t2 nye_t2 nya_t2 nove_t2 nouvelles_t2 t2_nouvelles nuove_t2 t2",
        "gd_lesions": "gd gd_lesions kontrastladende kontrastladdande gado lesions_gd gd_plus",
    },
    "pregnancy": {
        "lmp_date": (
            "lmp lmp_date last_period sidste_menstruation sista_mens posledni_menstruace ddr dernieres_regles "
            "date_ddr ultima_mestruazione"
        ),
        "outcome": "outcome udfald utfall vysledek issue esito ausgang",
        "outcome_date": "outcome_date udfaldsdato utfallsdatum datum_vysledku date_issue data_esito",
        "gestational_weeks": "weeks gestational_weeks uger graviditetsvecka tyden terme sa settimane semaines",
        "birth_weight_g": (
            "weight_g birth_weight fodselsvaegt fodelsevikt hmotnost poids_naissance poids peso peso_nascita"
        ),
        "congenital_anomaly": (
            "anomaly congenital_anomaly misdannelse missbildning vrozena_vada malformation malformazione"
        ),
    },
    "comorbidity": {
        "code_system": "code_system coding",
        "code": "code icd10 icd_10 kod_pt llt_kod kod llt pt codice terme code_llt code_pt kode",
        "onset_date": "onset onset_date debut since zacatek date_debut inizio data_inizio diagnosis_date",
    },
    "comedication": {
        "atc": "atc atc_code atc_kode codice_atc",
        "start_date": (
            "start start_date startdato startdatum begun since begin fra fra_dato fran insatt debut date_debut "
            "zacatek od inizio data_inizio beginn inicio"
        ),
        "stop_date": (
            "stop stop_date slutdato slutdatum stopped slut end end_date utsatt fin date_fin konec do fine "
            "data_fine ende stopdato"
        ),
    },
    "laboratory": {
        "test": "test loinc analyse examen esame",
        "date": "date sampled provedato provdatum datum date_prelevement jour data_prelievo data",
        "value": "value vaerdi varde hodnota valeur valore wert resultat",
        "unit": "unit enhed enhet jednotka unite unita einheit dose_unit unidad",
    },
}
"""Core table and column to names of columns."""

YES_NO: dict[str, str] = {
    "yes": "yes y ja ano oui si sim 1 true",
    "no": "no n nej ne non nein 0 false",
    "unknown": "unknown okand uoplyst neznamo inconnu ignoto unbekannt 9",
}
"""Core value of a flag to words of a source."""

VALUES: dict[str, dict[str, str]] = {
    "sex": {
        "female": "f k w zena kvinne kvinna femme femmina weiblich d",
        "male": "m muz mand man homme maschio mannlich u h",
        "other": "jine autre altro andet annat",
        "unknown": "unknown neznamo okand uoplyst inconnu ignoto",
    },
    "consent": {
        "yes": "y ja ano oui si",
        "no": "n nej ne non",
    },
    "smoking": {
        "never": "aldrig nikdy jamais mai nie",
        "former": "tidligere tidigare drive ancien ex fruher",
        "current": "ryger kouri actuel attuale fumatore aktuell",
        "unknown": "uoplyst okand neznamo inconnu ignoto",
    },
    "course_at_onset": {
        "relapsing": "attakvis skovvis relabujici rr remittente remittent",
        "PPMS": "pp primaer_progressiv primarprogressiv primaria_progressiva",
    },
    "course": {
        "RRMS": "rr",
        "SPMS": "sp",
        "PPMS": "pp",
    },
    "stop_reason": {
        "adverse event": "bivirkning biverkning nezadouci_ucinek effet_indesirable evento_avverso",
        "lack of effect": "manglende_effekt bristande_effekt neucinnost inefficacite inefficacia",
        "progression": "progress progrese progressione",
        "pregnancy": "graviditet tehotenstvi grossesse gravidanza",
        "patient choice": "patientonske eget_val prani_pacienta choix_du_patient scelta_del_paziente",
        "stable disease": "stabil_sygdom stabil stabilni stabile malattia_stabile",
        "safety monitoring": "sikkerhed sakerhet bezpecnost securite sicurezza",
        "end of course": "afsluttet_forlob avslutad_kur konec_cyklu fine_ciclo",
        "death": "dod avliden umrti deces decesso",
        "other": "andet annat jine autre altro",
        "unknown": "uoplyst okand neznamo inconnu ignoto",
    },
    "outcome": {
        "recovered": "rask aterstalld zotaven gueri guarito",
        "recovering": "i_bedring pa_battringsvagen zotavuje_se",
        "not recovered": "ikke_rask ej_aterstalld nezotaven non_guarito",
        "recovered with sequelae": "rask_med_folger aterstalld_med_men zotaven_s_nasledky guarito_con_esiti",
        "fatal": "dod avliden umrti deces decesso",
        "live birth": "levendefodt levande_fodd zive_narozene nato_vivo",
        "spontaneous abortion": "spontan_abort missfall samovolny_potrat aborto_spontaneo",
        "elective termination": "provokeret_abort abort umele_ukonceni",
        "stillbirth": "dodfodt dodfodd mrtve_narozene nato_morto",
        "ectopic": "ekstrauterin utomkveds mimodelozni ectopica",
        "molar": "mola",
        "ongoing": "igangvaerende pagaende probiha in_corso",
        "unknown": "uoplyst okand neznamo ignoto",
    },
    "region": {
        "brain": "hjerne hjarna mozek cerveau encefalo gehirn",
        "cord": "rygmarv ryggmarg micha moelle midollo",
    },
    "recovery": {
        "complete": "full uplna completa complet",
        "partial": "delvis castecna parziale partiel",
        "none": "ingen zadna nessuna aucun",
    },
    "congenital_anomaly": {
        "none": "ingen zadna nessuna aucune",
        "major": "storre velka maggiore majeure",
        "minor": "mindre mala minore mineure",
        "unknown": "uoplyst okand neznamo ignoto",
    },
    "severity": {
        "mild": "let lindrig mirna legere leggera lieve leicht",
        "moderate": "moderat mattlig stredni moderee moderata mittel",
        "severe": "svaer svar tezka severe grave schwer severa",
    },
    "source": {
        "registry form": "skema formular formulaire scheda clinic",
        "hospital discharge": "landspatientregister patientregister propousteci_zprava sdo hospital",
        "cancer register": "cancerregister",
        "cause of death": "dodsarsager dodsorsaksregister",
    },
}
"""Coded column to core value to words of a source; a flag of yes and no takes ``YES_NO``."""
