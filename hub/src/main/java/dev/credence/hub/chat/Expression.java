package dev.credence.hub.chat;

/** An expression of a template. */
@FunctionalInterface
interface Expression {
    /** Its value: a String, Long, Double, Boolean, List, Map, {@link Function} or {@link Absent}. */
    Object value(Scope scope);
}
