package dev.neurath.model.explorer;

/** What an agent or a coordinator could get wrong around the rules: each is planted on purpose, and must be found. */
enum Flaw {
    NO_FREEZE,
    FLOOR_VOLATILE,
    RESOLVE_ANSWERS_WITHOUT_CLOSING,
    CLOSED_ANSWERED_BEFORE_FLOOR,
    BEGIN_AFTER_ITS_EFFECTS,
    THROW_AWAY_FLAG_IGNORED,
    SESSION_IGNORED,
    STATUS_ON_AN_OLD_CONNECTION,
    BOOT_ID_IGNORED,
    ACK_BEFORE_APPEND,
    ORDER_BEFORE_APPEND,
    FACTS_WITHOUT_SEQUENCE,
    OWNERS_PAUSE_NOT_CHECKED,
    REPORT_BEFORE_DONE,
    LAST_WORDS_NOT_READ,
    NEW_KILLED_WITHOUT_A_LOOK_AT_OLD
}
