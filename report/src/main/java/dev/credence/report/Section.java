package dev.credence.report;

/** One part of the page about an audit. */
@FunctionalInterface
interface Section {
    /** Writes the part, or nothing where the audit has nothing to say on it. */
    void write(Html html, View view);
}
