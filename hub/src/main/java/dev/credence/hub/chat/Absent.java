package dev.credence.hub.chat;

/** The two values that are none: Jinja's None, and what was never defined. Both are printed differently, and both are false. */
enum Absent {
    NONE,
    UNDEFINED
}
