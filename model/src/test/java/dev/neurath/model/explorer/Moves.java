package dev.neurath.model.explorer;

/** Takes what may come next. */
interface Moves {
    /**
     * @param fair it happens sooner or later once crashes have stopped and links are whole: neither a crash nor a stranger nor an undeserved failure nor
     *     a message that is late
     */
    void to(State next, String label, boolean fair);
}
